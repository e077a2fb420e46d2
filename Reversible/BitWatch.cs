using MomentumCore.Engine;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Reversible;

/// <summary>The 64-bit hash by which exact reversal recognises a state that it has come back to.</summary>
internal static class BitWatch
{
    private const int Block = 4096;

    /// <summary>The hash of a tensor without gaps.</summary>
    public static long Of(Tensor tensor)
    {
        using var hash = Start(tensor);
        return hash.Value;
    }

    /// <summary>The hash of a tensor without gaps, which a device with a queue goes on to work out.</summary>
    public static Hash Start(Tensor tensor)
    {
        var sums = Tensor.Empty([(tensor.Count + Block - 1) / Block], DType.Int64, tensor.Device);
        switch (tensor.DType)
        {
            case DType.Float32:
                Of32(tensor, tensor.View<float>().Cast<int>());
                break;
            case DType.Int32:
                Of32(tensor, tensor.View<int>());
                break;
            case DType.Float64:
                Of64(tensor, tensor.View<double>().Cast<long>());
                break;
            default:
                Of64(tensor, tensor.View<long>());
                break;
        }

        return new Hash(TensorScope.TakeOut(sums));

        void Of32(Tensor t, Kernels.Dialect.ArrayView<int> bits) =>
            BitHash.Of32(t.Device, sums.Count, bits, sums.View<long>(), Block, t.Count);

        void Of64(Tensor t, Kernels.Dialect.ArrayView<long> bits) =>
            BitHash.Of64(t.Device, sums.Count, bits, sums.View<long>(), Block, t.Count);
    }

    /// <summary>A hash that may still be on its way. Reading it waits for it.</summary>
    public sealed class Hash : IDisposable
    {
        private Tensor? _sums;
        private long _value;

        public Hash(Tensor sums)
        {
            _sums = sums;
            if (sums.Device is Kernels.Devices.Cpu.CpuDevice)
                _ = Value;
        }

        public long Value
        {
            get
            {
                if (_sums is { } sums)
                {
                    _value = 0;
                    foreach (long sum in sums.ToArray<long>())
                        _value = unchecked(_value + sum);
                    Dispose();
                }

                return _value;
            }
        }

        public void Dispose()
        {
            _sums?.Dispose();
            _sums = null;
        }
    }
}
