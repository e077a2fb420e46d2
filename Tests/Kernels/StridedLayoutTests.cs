namespace MomentumCore.Tests.Kernels;

/// <summary>Axes merge where all operands allow it, and offsets stay right.</summary>
[TestFixture]
internal sealed class StridedLayoutTests
{
    [Test]
    public void Gapless_operands_merge_to_one_run()
    {
        var layout = StridedLayout.Create([2, 3, 4], [12, 4, 1], [12, 4, 1]);
        Assert.That(layout.IsContiguous, Is.True);
        Assert.That(layout.InnerSize, Is.EqualTo(24));
    }

    [Test]
    public void A_repeated_row_keeps_two_axes()
    {
        var layout = StridedLayout.Create([2, 3, 4], [12, 4, 1], [0, 4, 1]);
        Assert.That(layout.IsContiguous, Is.False);
        Assert.That(layout.InnerSize, Is.EqualTo(12));
        Assert.That(layout.Offset(1, 13), Is.EqualTo(1));
    }

    [Test]
    public void Offsets_equal_the_sum_of_index_times_stride()
    {
        int[] shape = [3, 1, 5, 2];
        long[] strides = [7, 99, -2, 40];
        var layout = StridedLayout.Create(shape, strides);
        int flat = 0;
        foreach (int[] index in Support.NdArray.Indices(shape))
        {
            long expected = (index[0] * 7) + (index[2] * -2) + (index[3] * 40);
            Assert.That(layout.Offset(0, flat++), Is.EqualTo(expected));
        }
    }

    [Test]
    public void Empty_and_scalar_shapes_have_a_layout()
    {
        Assert.That(StridedLayout.Create([0, 3], [3, 1]).Count, Is.Zero);
        Assert.That(StridedLayout.Create([], []).Count, Is.EqualTo(1));
    }

    [Test]
    public void Too_many_axes_are_an_error() =>
        Assert.That(
            () => StridedLayout.Create(new int[9], new long[9]),
            Throws.ArgumentException.With.Message.Contains("at most 8"));
}
