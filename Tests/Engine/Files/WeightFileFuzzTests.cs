using System.Diagnostics;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Files;

/// <summary>No file can do harm: damaged at random or cut off anywhere, it loads or is refused with the one error.</summary>
/// <remarks>The long form: <c>./build.ps1 fuzz</c>, with the seconds in FUZZ_SECONDS and the first seed in FUZZ_SEED.</remarks>
[TestFixture]
[NonParallelizable] // it watches the memory of the device
internal sealed class WeightFileFuzzTests : FolderTests
{
    private const int ShortRounds = 120;

    private string FilePath => Path.Combine(Folder, "file");

    private static IEnumerable<string> Seeds() => WeightFixtures.AllFiles().Select(f => Path.GetFileName(f));

    [OneTimeSetUp]
    public void CollectWhatOtherTestsLeft()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    [TestCase("types.pt")]
    [TestCase("types_deflated.pt")]
    [TestCase("views_legacy.pt")]
    [TestCase("nested_legacy.pt")]
    [TestCase("deflated.npz")]
    [TestCase("fortran.npy")]
    public void A_file_cut_off_after_any_byte_is_refused(string name)
    {
        byte[] whole = File.ReadAllBytes(WeightFixtures.PathOf(name));
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            Assert.That(() => WeightFile.Load(FilePath), Throws.TypeOf<WeightFileException>(), $"{name}, {length} bytes");
            Assert.That(() => WeightFile.Inspect(FilePath), Throws.TypeOf<WeightFileException>(), $"{name}, {length} bytes, inspected");
        }
    }

    [Test]
    public void A_mapped_file_and_any_part_of_a_set_cut_off_after_any_byte_are_refused()
    {
        using var scope = TensorScope.Begin();
        var tensors = new Dictionary<string, Tensor> { ["a"] = Tensor.Arange(0, 20), ["b"] = Tensor.From(7L, 8L) };
        string index = FilePath + ShardedSafetensors.IndexExtension;
        ShardedSafetensors.Save(index, tensors, mostShardBytes: 80);
        string[] parts = [.. Directory.GetFiles(Folder).Where(f => f != index)];
        Assert.That(parts, Has.Length.EqualTo(2));
        foreach (string part in parts)
        {
            byte[] whole = File.ReadAllBytes(part);
            for (int length = 0; length < whole.Length; length++)
            {
                File.WriteAllBytes(part, whole[..length]);
                Assert.That(() => WeightFile.Load(index), Throws.TypeOf<WeightFileException>(), $"{length} bytes");
                Assert.That(() => WeightFile.Inspect(index), Throws.TypeOf<WeightFileException>(), $"{length} bytes, inspected");
                Assert.That(() => Safetensors.Map(part), Throws.TypeOf<WeightFileException>(), $"{length} bytes, mapped");
            }

            File.WriteAllBytes(part, whole);
        }

        using var loaded = WeightFile.Load(index);
        Assert.That(loaded["a"].Values(), Is.EqualTo(tensors["a"].Values()));
    }

    [TestCaseSource(nameof(Seeds))]
    public void A_file_damaged_at_random_loads_or_is_refused(string name)
    {
        byte[] whole = File.ReadAllBytes(WeightFixtures.PathOf(name));
        var outcomes = Enumerable.Range(0, ShortRounds).Select(seed => Damage(name, whole, seed)).ToList();
        Assert.That(outcomes.Count(o => o != null), Is.GreaterThan(ShortRounds / 10), "hardly any damage was noticed");
    }

    [Test]
    public void Safetensors_and_an_index_cut_off_or_damaged_anywhere_load_or_are_refused([Values] bool isIndex)
    {
        using (TensorScope.Begin())
        {
            var tensors = new Dictionary<string, Tensor>
            {
                ["a"] = Tensor.Arange(0, 20), ["b.c"] = Tensor.From((Half)1.5f), ["d"] = Tensor.From(7L, 8L),
            };
            if (isIndex)
                ShardedSafetensors.Save(FilePath + ShardedSafetensors.IndexExtension, tensors, mostShardBytes: 80);
            else
                Safetensors.Save(FilePath, tensors, new Dictionary<string, string> { ["made by"] = "a test" });
        }

        byte[] whole = File.ReadAllBytes(isIndex ? FilePath + ShardedSafetensors.IndexExtension : FilePath);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            Assert.That(() => WeightFile.Load(FilePath), Throws.TypeOf<WeightFileException>(), $"{length} bytes");
        }

        var outcomes = Enumerable.Range(0, 5 * ShortRounds).Select(seed => Damage("safetensors", whole, seed)).ToList();
        Assert.That(outcomes.Count(o => o != null), Is.GreaterThan(ShortRounds / 2), "hardly any damage was noticed");
    }

    [Test]
    [Explicit("Runs for FUZZ_SECONDS.")]
    [Category("Fuzz")]
    public void Files_damaged_at_random_load_or_are_refused_for_as_long_as_asked()
    {
        double seconds = double.Parse(Environment.GetEnvironmentVariable("FUZZ_SECONDS") ?? "60");
        int seed = int.Parse(Environment.GetEnvironmentVariable("FUZZ_SEED") ?? "1000000");
        var files = Seeds().Select(s => (Name: s, Bytes: File.ReadAllBytes(WeightFixtures.PathOf(s)))).ToList();
        var clock = Stopwatch.StartNew();
        int refused = 0, rounds = 0;
        for (; clock.Elapsed.TotalSeconds < seconds; seed++, rounds++)
        {
            var (name, bytes) = files[rounds % files.Count];
            if (Damage(name, bytes, seed) != null)
                refused++;
        }

        TestContext.Out.WriteLine($"{rounds:N0} files, {refused:N0} refused, {rounds - refused:N0} loaded; next seed {seed}");
        Assert.That(refused, Is.Positive);
    }

    private WeightFileException? Damage(string name, byte[] whole, int seed)
    {
        var random = new Random(seed);
        var mutation = new Mutation(random);
        bool isZip = whole[0] == 'P';
        byte[] damaged = isZip && random.Next(4) > 0 ? mutation.Entry(whole) : mutation.Bytes(whole);
        File.WriteAllBytes(FilePath, damaged);
        return Hostile.Open(FilePath, $"{name}, seed {seed}");
    }
}
