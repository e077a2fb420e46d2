using MomentumCore.Engine;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Reversible;

/// <summary>
/// The bits that exact arithmetic shifts out of w, last in first out: one plane of one bit per element for each, held
/// in
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

    /// <summary>Sets aside the low bits of w. It is not shifted here.</summary>
    public void Push(Tensor w, int bits)
    {
        int words = (w.Count + 31) / 32;
        var planes = TensorScope.TakeOut(Tensor.Empty([bits, words], DType.Int32, w.Device));
        if (w.DType == DType.Int32)
            MomentumGrid.Pack(w.Device, words, w.View<int>(), planes.View<int>(), words, bits, w.Count);
        else
            MomentumGridWide.Pack(w.Device, words, w.View<long>(), planes.View<int>(), words, bits, w.Count);
        if (onHost && w.Device != Kernels.Devices.Device.Cpu)
        {
            var held = TensorScope.TakeOut(planes.To(Kernels.Devices.Device.Cpu));
            planes.Dispose();
            planes = held;
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

        /// <summary>w ← (w &lt;&lt; bits) | the bits that were set aside last.</summary>
        public void Pop(Tensor w, int bits)
        {
            if (bits == 0)
                return;
            var held = store._planes[_next]!;
            using var moved = held.Device == w.Device ? null : held.To(w.Device);
            var planes = moved ?? held;
            int words = planes.Shape[1];
            if (w.DType == DType.Int32)
                MomentumGrid.Unpack(w.Device, w.Count, w.View<int>(), planes.View<int>(), words, bits);
            else
                MomentumGridWide.Unpack(w.Device, w.Count, w.View<long>(), planes.View<int>(), words, bits);
            MomentumRule.Written(w);
            GC.KeepAlive(planes);
            if (consume)
            {
                held.Dispose();
                store._planes.RemoveAt(_next);
                store.BitsPerElement -= bits;
            }

            _next--;
        }
    }
}
