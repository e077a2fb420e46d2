using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels.Bits;

/// <summary>Memory of a <see cref="ComparedDevice"/>, which views name by a number.</summary>
internal sealed class ComparedBuffer(ComparedDevice device, nint handle, long bytes) : DeviceBuffer(device, bytes)
{
    /// <summary>Its bytes, which stay where they are.</summary>
    public byte[] Memory { get; } = GC.AllocateArray<byte>((int)bytes, pinned: true);

    public override ArrayView<T> View<T>(long offset, long length) => ArrayView<T>.OnDevice(handle, offset, length);

    public override void Free() => device.Forget(handle);
}
