using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Reversible;

/// <summary>
/// What exact reversal notes of a run to recognise the states that it comes back to: whether a value left the range, and
/// 64-bit hashes of the states on the way forward and on the way back.
/// </summary>
/// <remarks>
/// The first state, (x₀, w₀), is hashed always; the positions before the other layers, where all of them are watched. The
/// passes that write a state hash it. A device with a queue keeps the notes, so that one small copy reads them all.
/// </remarks>
internal sealed class BitWatch : IDisposable
{
    private const int RangeSlot = 0;
    private const int FirstVelocitySlot = 1;
    private const int ReturnedVelocitySlot = 2;
    private const int FirstPositionSlot = 3;

    private readonly Device _device;
    private readonly int _elements;
    private readonly int _positions;
    private readonly Action<long> _requireInRange;
    private long[] _notes;
    private Tensor? _onDevice;
    private bool _isChecked;

    /// <param name="like">A state of the run.</param>
    /// <param name="positions">How many positions are hashed, from x₀ on; 1 or more.</param>
    /// <param name="requireInRange">Throws if its argument says that a value left the range.</param>
    public BitWatch(Tensor like, int positions, Action<long> requireInRange)
    {
        _device = like.Device;
        _elements = like.Count;
        _positions = positions;
        _requireInRange = requireInRange;
        _notes = new long[FirstPositionSlot + (2 * positions)];
        if (!ReadsAtOnce)
            _onDevice = TensorScope.TakeOut(Tensor.Empty([_notes.Length], DType.Int64, _device));
    }

    /// <summary>The hash of a tensor without gaps.</summary>
    public static long Of(Tensor tensor)
    {
        using var parts = Tensor.Empty([BitHash.Parts(tensor.Device, tensor.Count)], DType.Int64, tensor.Device);
        switch (tensor.DType)
        {
            case DType.Float32:
                BitHash.Launch(tensor.Device, tensor.View<float>(), parts.View<long>());
                break;
            case DType.Float64:
                BitHash.Launch(tensor.Device, tensor.View<double>(), parts.View<long>());
                break;
            case DType.Int32:
                BitHash.Launch(tensor.Device, tensor.View<int>(), parts.View<long>());
                break;
            default:
                BitHash.Launch(tensor.Device, tensor.View<long>(), parts.View<long>());
                break;
        }

        return parts.ToArray<long>().Aggregate(0L, (sum, part) => unchecked(sum + part));
    }

    /// <summary>Whether what was noted can be read without waiting.</summary>
    public bool ReadsAtOnce => _device is CpuDevice;

    /// <summary>Whether the position before a layer is hashed.</summary>
    public bool Watches(int layer) => layer < _positions;

    /// <summary>All that was noted, for tests; after <see cref="Read"/>.</summary>
    internal IReadOnlyList<long> Notes => _notes;

    /// <summary>For the hash of the position before a layer, on the way forward.</summary>
    public Note Forward(int layer) => new(this, FirstPositionSlot + layer);

    /// <summary>For the hash of the position before a layer, on the way back.</summary>
    public Note Back(int layer) => new(this, FirstPositionSlot + _positions + layer);

    /// <summary>For the hash of w₀.</summary>
    public Note FirstVelocity() => new(this, FirstVelocitySlot);

    /// <summary>For the hash of w₀ that the way back has come to.</summary>
    public Note ReturnedVelocity() => new(this, ReturnedVelocitySlot);

    /// <summary>Looks for values that left the range, in the state after the last layer.</summary>
    /// <exception cref="GridRangeException">One did. On a device with a queue it is thrown at the next read.</exception>
    public void RequireInRange(Tensor x, Tensor w)
    {
        using (var note = new Note(this, RangeSlot))
            ExactArithmetic.FindWorst(x, w, note.Parts);
        if (ReadsAtOnce)
            _requireInRange(_notes[RangeSlot]);
        else
            CheckAtNextRead(TensorScope.TakeOut(_onDevice!.Detach()));
    }

    /// <summary>Reads all that was noted: from a device with a queue, in one copy.</summary>
    /// <exception cref="GridRangeException">A value left the range on the way forward.</exception>
    public void Read()
    {
        if (_onDevice is not { } notes)
            return;
        _notes = notes.ToArrayBeforeChecks<long>();
        // It is thrown here and now, if at all.
        _isChecked = true;
        _requireInRange(_notes[RangeSlot]);
    }

    /// <summary>Whether the way back has come to the position before a layer.</summary>
    public bool IsBackAt(int layer) =>
        _notes[FirstPositionSlot + layer] == _notes[FirstPositionSlot + _positions + layer];

    /// <summary>Whether the way back has come to w₀.</summary>
    public bool IsBackAtVelocity => _notes[FirstVelocitySlot] == _notes[ReturnedVelocitySlot];

    /// <summary>Whether forward began with this state, after <see cref="Read"/>.</summary>
    public bool BeganWith(Tensor x, Tensor w) =>
        Of(x) == _notes[FirstPositionSlot] && Of(w) == _notes[FirstVelocitySlot];

    /// <summary>Frees what the device holds.</summary>
    public void Dispose()
    {
        _onDevice?.Dispose();
        _onDevice = null;
    }

    private void CheckAtNextRead(Tensor held) => held.WhenRead(() =>
    {
        using (held)
        {
            if (_isChecked)
                return;
            _isChecked = true;
            _requireInRange(held.ToArray<long>()[RangeSlot]);
        }
    });

    /// <summary>A figure that a pass works out in parts; put down when it is disposed.</summary>
    internal readonly struct Note : IDisposable
    {
        private readonly BitWatch _owner;
        private readonly int _slot;

        public Note(BitWatch owner, int slot)
        {
            _owner = owner;
            _slot = slot;
            Parts = Tensor.Empty([BitHash.Parts(owner._device, owner._elements)], DType.Int64, owner._device);
        }

        /// <summary>The parts.</summary>
        public Tensor Parts { get; }

        /// <inheritdoc/>
        public void Dispose()
        {
            if (Parts == null)
                return;
            var target = _owner._onDevice;
            if (target == null)
                _owner._notes[_slot] = _slot == RangeSlot ? Largest() : Sum();
            else if (_slot == RangeSlot)
                BitHash.Largest(target.Device, Parts.View<long>(), target.View<long>().SubView(_slot, 1));
            else
                BitHash.Total(target.Device, Parts.View<long>(), target.View<long>().SubView(_slot, 1));
            Parts.Dispose();
        }

        private long Sum()
        {
            long sum = 0;
            foreach (long part in Parts.AsSpan<long>())
                sum = unchecked(sum + part);
            return sum;
        }

        private long Largest()
        {
            long most = 0;
            foreach (long part in Parts.AsSpan<long>())
                most = Math.Max(most, part);
            return most;
        }
    }
}
