using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>The elements on another device; this tensor itself when it is there already.</summary>
    public Tensor To(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device == Device ? this : new ToDeviceOp(device).Apply(this);
    }
}

/// <summary>y = x on another device; dx = g on the device of x. Keeps nothing.</summary>
internal sealed class ToDeviceOp(Device device) : Op, IOpExamples
{
    /// <summary>Bytes of host memory for a copy between two devices.</summary>
    private const int MostBytes = 64 << 20;

    private Device _before = Device.Cpu;

    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of(x => new ToDeviceOp(x.Device).Apply(x));

    protected override unsafe Tensor Forward(Tensor[] inputs)
    {
        _before = inputs[0].Device;
        var source = inputs[0].Contiguous();
        var y = Tensor.Empty(source.Shape, source.DType, device);
        long offset = source.Offset * source.DType.Size();
        long bytes = source.Count * (long)source.DType.Size();
        // One copy where one end is host memory.
        if (source.Device is CpuDevice)
            device.Upload(source.HostPointer, bytes, y.Storage.Buffer, 0);
        else if (device is CpuDevice)
            source.Device.Download(source.Storage.Buffer, offset, y.HostPointer, bytes);
        else
            CopyInPieces(source.Storage.Buffer, offset, y.Storage.Buffer, bytes, MostBytes);

        GC.KeepAlive(source);
        GC.KeepAlive(y);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g) => [g.To(_before)];

    /// <summary>Copies between two devices through host memory, which need not hold all of it.</summary>
    internal static void CopyInPieces(DeviceBuffer from, long offset, DeviceBuffer to, long bytes, int pieceBytes)
    {
        byte[] piece = new byte[Math.Min(bytes, pieceBytes)];
        for (long done = 0; done < bytes; done += pieceBytes)
        {
            var part = piece.AsSpan(0, (int)Math.Min(pieceBytes, bytes - done));
            from.Device.Download(from, offset + done, part);
            to.Device.Upload(part, to, done);
        }
    }
}
