using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Layers;

/// <summary>What an optimizer remembers of one parameter: how often it was updated, and its buffers.</summary>
public sealed class ParameterState
{
    private readonly Tensor?[] _buffers;

    internal ParameterState(Tensor parameter, int buffers)
    {
        Parameter = parameter;
        _buffers = new Tensor?[buffers];
    }

    /// <summary>The parameter.</summary>
    public Tensor Parameter { get; }

    /// <summary>How often the parameter was updated, the update in progress included.</summary>
    public long Steps { get; internal set; }

    /// <summary>Whether a buffer exists yet.</summary>
    /// <param name="index">Its place among the optimizer's buffer names.</param>
    public bool Has(int index) => _buffers[index] != null;

    /// <summary>A buffer of the parameter's shape, type and device; made of zeros when it is asked for first.</summary>
    /// <remarks>It follows the parameter where <see cref="Module.To(Device)"/> has taken it since.</remarks>
    /// <param name="index">Its place among the optimizer's buffer names.</param>
    public Tensor Buffer(int index)
    {
        var buffer = _buffers[index] ??= NewBuffer();
        if (buffer.DType != Parameter.DType || buffer.Device != Parameter.Device)
        {
            var moved = NewBuffer();
            using (TensorScope.Begin())
                moved.CopyFrom(buffer.To(Parameter.DType).To(Parameter.Device));
            buffer.Dispose();
            _buffers[index] = buffer = moved;
        }

        return buffer;
    }

    /// <summary>Copies <paramref name="values"/> into a buffer; null removes it.</summary>
    internal void Load(int index, Tensor? values)
    {
        _buffers[index]?.Dispose();
        _buffers[index] = null;
        if (values != null)
            Buffer(index).CopyFrom(values);
    }

    internal void Free()
    {
        for (int i = 0; i < _buffers.Length; i++)
        {
            _buffers[i]?.Dispose();
            _buffers[i] = null;
        }
    }

    // Outside of scopes: it lives from step to step.
    private Tensor NewBuffer()
    {
        var buffer = Tensor.Empty(Parameter.Shape, Parameter.DType, Parameter.Device, track: false);
        buffer.Fill(0);
        return buffer;
    }
}
