using MomentumCore.Engine;

namespace MomentumCore.Reversible;

/// <summary>
/// The bits that exact arithmetic shifts out of w, last in first out: one plane of one bit per element for each, held in
/// tensors that come and go with need.
/// </summary>
/// <param name="onHost">Whether to hold them in host memory, wherever w is.</param>
internal sealed class SideStore(bool onHost) : IDisposable
{
    private readonly List<Tensor?> _planes = [];

    /// <summary>Bits held for each element.</summary>
    public int BitsPerElement { get; private set; }

    /// <summary>The planes of each push, oldest first.</summary>
    public IReadOnlyList<Tensor?> Planes => _planes;

    /// <summary>Memory for the low bits of w, which a step fills, and <see cref="Push"/> then takes.</summary>
    public static Tensor NewPlanes(Tensor w, int bits) =>
        TensorScope.TakeOut(Tensor.Empty([bits, (w.Count + 31) / 32], DType.Int32, w.Device));

    /// <summary>Sets aside what a step has filled.</summary>
    public void Push(Tensor planes)
    {
        if (onHost && planes.Device != Kernels.Devices.Device.Cpu)
        {
            using var onDevice = planes;
            planes = TensorScope.TakeOut(onDevice.To(Kernels.Devices.Device.Cpu));
        }

        Add(planes);
    }

    /// <summary>Takes over planes, above those that are there.</summary>
    public void Add(Tensor planes)
    {
        _planes.Add(planes);
        BitsPerElement += planes.Shape[0];
    }

    /// <summary>
    /// Reads from the last push to the first; freed as they are read if they are not to be read again.
    /// </summary>
    public Reader Read(bool consume) => new(this, consume);

    public void Dispose()
    {
        foreach (var planes in _planes)
            planes?.Dispose();
        _planes.Clear();
        BitsPerElement = 0;
    }

    /// <summary>One way back through the store.</summary>
    internal sealed class Reader(SideStore store, bool consume)
    {
        private int _next = store._planes.Count - 1;

        /// <summary>The bits that were set aside last, where <paramref name="w"/> is; none for no bits.</summary>
        public Popped Pop(Tensor w, int bits)
        {
            if (bits == 0)
                return default;
            int position = _next--;
            var held = store._planes[position]!;
            var moved = held.Device == w.Device ? null : held.To(w.Device);
            return new Popped(moved ?? held, () =>
            {
                moved?.Dispose();
                if (!consume)
                    return;
                held.Dispose();
                store._planes.RemoveAt(position);
                store.BitsPerElement -= bits;
            });
        }
    }

    /// <summary>Bits on their way back into w. Disposed when they are there.</summary>
    internal readonly struct Popped(Tensor? planes, Action? whenDone) : IDisposable
    {
        /// <summary>The planes, or null for no bits.</summary>
        public Tensor? Planes => planes;

        /// <inheritdoc/>
        public void Dispose() => whenDone?.Invoke();
    }
}
