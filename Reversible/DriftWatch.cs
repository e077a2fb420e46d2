using MomentumCore.Engine;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Reversible;

/// <summary>
/// Measures how far tensors lie apart, without temporaries of their size. What it measured is read later, so that a
/// device with a queue goes on.
/// </summary>
internal static class DriftWatch
{
    /// <summary>The largest |a − b|; NaN when an element is NaN, 0 for no elements.</summary>
    public static Measured LargestDifference(Tensor a, Tensor b)
    {
        using var left = Gapless(a);
        using var right = Gapless(b);
        var largest = Results(a);
        if (a.DType == DType.Float32)
            LargestOf.Difference(a.Device, left.View<float>(), right.View<float>(), largest.View<float>(), a.Count);
        else
            LargestOf.Difference(a.Device, left.View<double>(), right.View<double>(), largest.View<double>(), a.Count);
        return new Measured(largest);
    }

    /// <summary>The largest |a|; NaN when an element is NaN, 0 for no elements.</summary>
    public static Measured LargestMagnitude(Tensor a)
    {
        using var gapless = Gapless(a);
        var largest = Results(a);
        if (a.DType == DType.Float32)
            LargestOf.Magnitude(a.Device, gapless.View<float>(), largest.View<float>(), a.Count);
        else
            LargestOf.Magnitude(a.Device, gapless.View<double>(), largest.View<double>(), a.Count);
        return new Measured(largest);
    }

    // A handle of its own in either case, to be disposed.
    private static Tensor Gapless(Tensor tensor) => tensor.IsContiguous ? tensor.Detach() : tensor.Clone();

    private static Tensor Results(Tensor a) => a.EmptyLike([LargestOf.Blocks(a.Count)]);

    /// <summary>A measured number that may still be on its way. Reading it waits for it and frees it.</summary>
    public sealed class Measured(Tensor blocks) : IDisposable
    {
        /// <summary>Takes it out of the open scope, for a later reader.</summary>
        public Measured Keep()
        {
            blocks.Scope = null;
            return this;
        }

        /// <summary>Frees it unread.</summary>
        public void Dispose() => blocks.Dispose();

        public double Read()
        {
            using (blocks)
            {
                double found = 0;
                if (blocks.DType == DType.Float32)
                {
                    foreach (float value in blocks.ToArray<float>())
                        found = Math.Max(found, value);
                }
                else
                {
                    foreach (double value in blocks.ToArray<double>())
                        found = Math.Max(found, value);
                }

                return found;
            }
        }
    }
}
