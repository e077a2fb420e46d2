using MomentumCore.Kernels.Devices;

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
        int size = source.DType.Size();
        var bytes = new byte[source.Count * (long)size];
        source.Device.Download(source.Storage.Buffer, source.Offset * size, bytes);
        device.Upload(bytes, y.Storage.Buffer, 0);
        GC.KeepAlive(source);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g) => [g.To(_before)];
}
