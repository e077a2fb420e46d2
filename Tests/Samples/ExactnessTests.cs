using MomentumCore.Samples;

namespace MomentumCore.Tests.Samples;

/// <summary>`momentum exactness` measures what it says and draws it.</summary>
[TestFixture]
internal sealed class ExactnessTests
{
    [Test]
    public void Exact_stays_with_Store_where_floats_do_not()
    {
        var found = Exactness.Measure(0.5, [2, 40], 1, null, CancellationToken.None);
        Assert.That(found.Rows.All(r => r.HasBitsOfStore));
        var (shallow, deep) = (found.Rows[0], found.Rows[1]);
        Assert.That(shallow.Recompute, Is.LessThan(1e-5));
        Assert.That(deep.Recompute, Is.Not.LessThan(0.1));
        Assert.That(deep.Shadow, Is.LessThan(deep.Recompute));
        Assert.That(deep.Checkpoints, Is.LessThan(0.05).And.GreaterThan(deep.Exact));
        Assert.That(deep.Exact, Is.LessThan(1e-3));
    }

    [Test]
    public void The_command_draws_all_lines_on_the_same_axes()
    {
        using var folder = new TemporaryFolder();
        var run = AppRun.Of("exactness", "--depths", "2,8", "--seeds", "1", "--out", folder.FullPath);
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        string svg = File.ReadAllText(folder["exactness.svg"]);
        foreach (string name in new[] { "recompute in floats", "states every 16 layers", "shadow state in Float64", "exact", "store" })
            Assert.That(svg, Does.Contain(name));
        Assert.That(run.Output, Does.Contain("every bit"));
    }
}
