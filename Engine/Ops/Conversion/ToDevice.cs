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
    private Device _before = Device.Cpu;

    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of(x => new ToDeviceOp(x.Device).Apply(x));

    protected override Tensor Forward(Tensor[] inputs)
    {
        _before = inputs[0].Device;
        var source = inputs[0].Contiguous();
        var y = Tensor.Empty(source.Shape, source.DType, device);
        long offset = source.Offset * source.DType.Size();
        // One copy where one end is host memory.
        if (source.Device is CpuDevice)
        {
            device.Upload(HostBytes(source), y.Storage.Buffer, 0);
        }
        else if (device is CpuDevice)
        {
            source.Device.Download(source.Storage.Buffer, offset, HostBytes(y));
        }
        else
        {
            var bytes = new byte[source.Count * (long)source.DType.Size()];
            source.Device.Download(source.Storage.Buffer, offset, bytes);
            device.Upload(bytes, y.Storage.Buffer, 0);
        }

        GC.KeepAlive(source);
        GC.KeepAlive(y);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g) => [g.To(_before)];

    private static unsafe Span<byte> HostBytes(Tensor x)
    {
        int size = x.DType.Size();
        return new Span<byte>(x.HostPointer, checked(x.Count * size));
    }
}
