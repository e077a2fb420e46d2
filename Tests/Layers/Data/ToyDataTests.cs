using MomentumCore.Layers;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Layers.Data;

/// <summary>The toy data sets have the geometry of momentumnet's.</summary>
[TestFixture]
internal sealed class ToyDataTests
{
    [Test]
    public void Rings_are_nested_and_their_labels_alternate()
    {
        using var scope = TensorScope.Begin();
        var (points, labels) = ToyData.Rings(pointsPerRing: 300, rings: 3, noise: 0.2, new RandomSource(1));
        Assert.That((points.Shape, labels.Shape), Is.EqualTo((Shape.Create([900, 2]), Shape.Create([900]))));
        double[] xy = points.Values(), classes = labels.Values();
        for (int i = 0; i < 900; i++)
        {
            int ring = i / 300;
            double radius = Math.Sqrt((xy[2 * i] * xy[2 * i]) + (xy[(2 * i) + 1] * xy[(2 * i) + 1]));
            Assert.That(radius, Is.InRange((1.5 * (ring + 1)) - 1e-5, (1.5 * (ring + 1)) + 0.6 + 1e-5));
            Assert.That(classes[i], Is.EqualTo(ring % 2));
        }

        Assert.That(xy.Average(), Is.EqualTo(0).Within(0.2), "angles go all around");
    }

    [Test]
    public void The_line_is_uniform_between_minus_one_and_one()
    {
        using var scope = TensorScope.Begin();
        var points = ToyData.Line(2000, new RandomSource(2));
        Assert.That(points.Shape, Is.EqualTo(Shape.Create([2000, 1])));
        double[] x = points.Values();
        Assert.That(x, Is.All.InRange(-1, 1));
        Assert.That(x.Average(), Is.EqualTo(0).Within(0.05));
        Assert.That(x.Min(), Is.EqualTo(-1).Within(0.01));
        Assert.That(x.Max(), Is.EqualTo(1).Within(0.01));
    }

    [Test]
    public void The_same_source_gives_the_same_points_and_the_current_one_is_used_without_any()
    {
        using var scope = TensorScope.Begin();
        using var _ = RandomSource.Use(new RandomSource(7));
        Assert.That(
            ToyData.Rings().Points.Values(), Is.EqualTo(ToyData.Rings(random: new RandomSource(7)).Points.Values()));
    }
}
