using MomentumCore.Engine;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Reversible;

/// <summary>
/// Measures how far a way back has come from where forward began, row by row, without temporaries of the states' size. What
/// it measured is read later, so that a device with a queue goes on.
/// </summary>
/// <remarks>
/// A row is what is looked at together: no row can hide what happens to another, however much larger it is. It is a vector
/// along the last axis; in a tensor of four axes or more, images, all that belongs to one index of the first axis; a tensor
/// of one axis is one row.
/// </remarks>
internal sealed class DriftWatch : IDisposable
{
    // Work items that look for the row that moved the most, on the CPU each among at least so many rows.
    private const int Items = 64;
    private const int RowsOfItem = 256;

    private readonly int _row;
    private readonly int _rows;
    private readonly Tensor _sizes;
    private Tensor? _positions;
    private Tensor? _velocities;

    /// <param name="like">A state of the run.</param>
    public DriftWatch(Tensor like)
    {
        _row = RowOf(like);
        _rows = like.Count / _row;
        _sizes = Results(like);
    }

    private Tensor Positions => _positions ??= Results(_sizes);

    private Tensor Velocities => _velocities ??= Results(_sizes);

    /// <summary>How many elements are looked at together.</summary>
    public static int RowOf(Tensor a)
    {
        if (a.Count == 0)
            return 1;
        return a.Shape.Rank switch
        {
            <= 1 => a.Count,
            <= 3 => a.Shape[-1],
            _ => a.Count / a.Shape[0],
        };
    }

    /// <summary>Counts the sizes of states in: the largest magnitude of each row of all that were counted in.</summary>
    public void AddSizes(Tensor a, Tensor b, Tensor c)
    {
        if (_rows == 0)
            return;
        using Tensor first = a.Gapless(), second = b.Gapless(), third = c.Gapless();
        if (a.DType == DType.Float32)
        {
            LargestOf.Magnitude(
                a.Device, first.View<float>(), second.View<float>(), third.View<float>(), _sizes.View<float>(), a.Count, _row);
        }
        else
        {
            LargestOf.Magnitude(
                a.Device, first.View<double>(), second.View<double>(), third.View<double>(), _sizes.View<double>(), a.Count, _row);
        }

        _sizes.Storage.MarkWritten();
    }

    /// <summary>Counts in how far a position lies from where it was.</summary>
    public void AddPosition(Tensor a, Tensor b) => AddDifference(a, b, Positions);

    /// <summary>Counts in how far the first velocity lies from where it was; null for zero.</summary>
    public void AddVelocity(Tensor v, Tensor? first)
    {
        if (first != null)
        {
            AddDifference(v, first, Velocities);
            return;
        }

        if (_rows == 0)
            return;
        using var gapless = v.Gapless();
        if (v.DType == DType.Float32)
            LargestOf.Magnitude(v.Device, gapless.View<float>(), Velocities.View<float>(), v.Count, _row);
        else
            LargestOf.Magnitude(v.Device, gapless.View<double>(), Velocities.View<double>(), v.Count, _row);
        Velocities.Storage.MarkWritten();
    }

    /// <summary>Looks for the row that moved the most as a share of its size.</summary>
    /// <param name="gamma">By what a distance of velocities is multiplied.</param>
    public Measured Largest(double gamma)
    {
        if (_rows == 0)
            return new Measured(null, null);
        int items = _sizes.Device is CpuDevice ? Math.Clamp(_rows / RowsOfItem, 1, Items) : Math.Min(Items, _rows);
        int pieces = LargestOf.Pieces(_row);
        var shares = TensorScope.TakeOut(_sizes.EmptyLike([items]));
        var where = TensorScope.TakeOut(Tensor.Empty([items], DType.Int32, _sizes.Device));
        if (_sizes.DType == DType.Float32)
        {
            LargestOf.Share(
                _sizes.Device, Positions.View<float>(), Velocities.View<float>(), _sizes.View<float>(), shares.View<float>(),
                where.View<int>(), gamma, pieces);
        }
        else
        {
            LargestOf.Share(
                _sizes.Device, Positions.View<double>(), Velocities.View<double>(), _sizes.View<double>(), shares.View<double>(),
                where.View<int>(), gamma, pieces);
        }

        return new Measured(shares, where);
    }

    /// <summary>Frees what the device holds.</summary>
    public void Dispose()
    {
        _sizes.Dispose();
        _positions?.Dispose();
        _velocities?.Dispose();
    }

    private void AddDifference(Tensor a, Tensor b, Tensor largest)
    {
        if (_rows == 0)
            return;
        using var left = a.Gapless();
        using var right = b.Gapless();
        if (a.DType == DType.Float32)
        {
            LargestOf.Difference(
                a.Device, left.View<float>(), right.View<float>(), largest.View<float>(), a.Count, _row);
        }
        else
        {
            LargestOf.Difference(
                a.Device, left.View<double>(), right.View<double>(), largest.View<double>(), a.Count, _row);
        }

        largest.Storage.MarkWritten();
    }

    private Tensor Results(Tensor like) => TensorScope.TakeOut(
        Tensor.Zeros([_rows * LargestOf.Pieces(_row)], like.DType, like.Device));

    /// <summary>A row and how far it moved, that may still be on their way.</summary>
    public sealed class Measured(Tensor? shares, Tensor? where) : IDisposable
    {
        /// <summary>The largest share of all rows and the row; NaN where there is one. Waits for it and frees it.</summary>
        public (double Share, int Row) Read()
        {
            if (shares == null || where == null)
                return (0, 0);
            using (this)
            {
                double[] found = shares.DType == DType.Float32
                    ? [.. shares.ToArray<float>().Select(f => (double)f)]
                    : shares.ToArray<double>();
                int most = 0;
                for (int i = 1; i < found.Length; i++)
                {
                    if (found[i] > found[most] || (double.IsNaN(found[i]) && !double.IsNaN(found[most])))
                        most = i;
                }

                return (found[most], where.ToArray<int>()[most]);
            }
        }

        /// <summary>Frees it unread.</summary>
        public void Dispose()
        {
            shares?.Dispose();
            where?.Dispose();
        }
    }
}
