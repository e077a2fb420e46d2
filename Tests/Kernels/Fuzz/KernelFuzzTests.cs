using System.Diagnostics;

namespace MomentumCore.Tests.Kernels.Fuzz;

/// <summary>Random kernels compile, and give on every device and in every form what C# gives.</summary>
/// <remarks>The long form: <c>./build.ps1 fuzz</c>, with the seconds in FUZZ_SECONDS and the first seed in FUZZ_SEED.</remarks>
[TestFixture]
internal sealed class KernelFuzzTests
{
    [Test]
    public void Random_kernels_give_what_CSharp_gives()
    {
        const int Seed = 7;
        var batch = FuzzBatch.Make(Seed, perShape: 1);
        Assert.That(batch.Kernels, Has.Count.EqualTo(4), string.Join("\n", batch.Refusals));
        Assert.That(batch.Obstacles, Has.Count.LessThan(2), "maps have vector forms");
        Assert.That(batch.Kernels.SelectMany(k => FuzzRun.Differences(batch, k, Device.All, Seed)), Is.Empty, batch.Source);
    }

    [Test]
    [Explicit("Runs for FUZZ_SECONDS.")]
    [Category("Fuzz")]
    public void Random_kernels_give_what_CSharp_gives_for_as_long_as_asked()
    {
        double seconds = double.Parse(Environment.GetEnvironmentVariable("FUZZ_SECONDS") ?? "60");
        int seed = int.Parse(Environment.GetEnvironmentVariable("FUZZ_SEED") ?? "1000000");
        var clock = Stopwatch.StartNew();
        int kernels = 0, refused = 0;
        for (; clock.Elapsed.TotalSeconds < seconds; seed++)
        {
            var batch = FuzzBatch.Make(seed, perShape: 4);
            Assert.That(batch.Kernels.SelectMany(k => FuzzRun.Differences(batch, k, Device.All, seed)), Is.Empty, $"seed {seed}\n{batch.Source}");
            kernels += batch.Kernels.Count;
            refused += batch.Refusals.Count;
        }

        TestContext.Out.WriteLine($"{kernels:N0} kernels on {string.Join(", ", Device.All)}, {refused:N0} refusals; next seed {seed}");
        Assert.That(kernels, Is.Positive);
    }
}
