using MomentumCore.Engine;
using MomentumCore.Layers;

namespace MomentumCore.Reversible;

/// <summary>
/// Puts back what layers that are evaluated another time do to their buffers: running statistics of a user's own module
/// follow forward alone. Batch norms hold still by themselves (<see cref="BatchStatistics"/>).
/// </summary>
internal sealed class BufferGuard : IDisposable
{
    private readonly List<(Tensor Buffer, Tensor Copy, int Version)> _held = [];

    private BufferGuard()
    {
    }

    /// <summary>The buffers of a module that would move with another evaluation.</summary>
    public static IEnumerable<Tensor> Movable(Module module) =>
        module.Modules().Where(m => m is not BatchNorm).SelectMany(m => m.Buffers(recurse: false)).Distinct();

    /// <summary>Takes copies of buffers, to put them back when it is disposed; null when there are none.</summary>
    public static BufferGuard? Of(IEnumerable<Tensor> buffers)
    {
        BufferGuard? guard = null;
        foreach (var buffer in buffers)
        {
            guard ??= new BufferGuard();
            using var values = buffer.Detach();
            guard._held.Add((buffer, TensorScope.TakeOut(values.Clone()), buffer.Version));
        }

        return guard;
    }

    /// <summary>Puts back what has moved.</summary>
    public void Dispose()
    {
        foreach (var (buffer, copy, version) in _held)
        {
            if (!buffer.IsDisposed && buffer.Version != version)
                buffer.CopyFrom(copy);
            copy.Dispose();
        }

        _held.Clear();
    }
}
