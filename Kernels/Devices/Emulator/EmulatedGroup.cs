using System.Runtime.ExceptionServices;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Devices.Emulator;

/// <summary>
/// A group of work items that run one at a time: each on a thread of its own once it has to wait, handing the turn on at
/// barriers, so that a debugger sees one kernel method running and all others waiting.
/// </summary>
internal sealed class EmulatedGroup : IDisposable
{
    private readonly Emulation _emulation;
    private readonly Action _kernel;
    private readonly EmulatedItem[] _items;
    private readonly Lane?[] _lanes;
    private readonly Stack<Lane> _idle = new();
    private readonly Baton _back = new();
    private ExceptionDispatchInfo? _failure;
    private bool _isAborting;

    public EmulatedGroup(Emulation emulation, in KernelConfig config, Action kernel)
    {
        _emulation = emulation;
        _kernel = kernel;
        Size = config.GroupDim;
        GridSize = config.GridDim;
        Shared = new SharedAccesses(emulation, config.SharedMemory.Bytes);
        _items = new EmulatedItem[Size.Size];
        _lanes = new Lane?[_items.Length];
        for (int i = 0; i < _items.Length; i++)
            _items[i] = new EmulatedItem(emulation, this, new Index3D(i % Size.X, i / Size.X % Size.Y, i / (Size.X * Size.Y)));
    }

    /// <summary>Which group this is.</summary>
    public Index3D Place { get; private set; }

    /// <summary>Work items of the group.</summary>
    public Index3D Size { get; }

    /// <summary>How many groups there are.</summary>
    public Index3D GridSize { get; }

    /// <summary>The group's memory.</summary>
    public SharedAccesses Shared { get; }

    /// <summary>How many said yes in the last vote.</summary>
    public int Votes { get; private set; }

    public Int128 ValueOf(int item) => (uint)item < (uint)_items.Length
        ? _items[item].Value
        : throw new InvalidOperationException($"Group.Broadcast from work item {item}, but the group has {_items.Length}.");

    /// <summary>Runs all work items of one group.</summary>
    public void Run(Index3D place)
    {
        Place = place;
        Shared.Clear();
        foreach (var item in _items)
            item.Begin(0);
        do
        {
            for (int k = 0; k < _items.Length; k++)
            {
                int i = _emulation.InTurn(k, _items.Length);
                if (!_items[i].IsFinished)
                    Turn(i);
                if (_failure != null)
                {
                    Abort();
                    _failure.Throw();
                }
            }
        }
        while (Meet());
    }

    /// <summary>A work item waits: the next one has its turn.</summary>
    public void Wait(EmulatedItem item)
    {
        int number = Array.IndexOf(_items, item);
        Shared.EndSegment(number, Describe);
        var lane = _lanes[number]!;
        _back.Give();
        lane.Go.Take();
        if (_isAborting)
            throw new AbortedException();
    }

    public void Dispose()
    {
        Abort();
        foreach (var lane in _idle)
            lane.Stop();
    }

    private string Describe(int item) => _items[item].ToString();

    private void Turn(int number)
    {
        if (_lanes[number] is { } waiting)
        {
            waiting.Go.Give();
        }
        else
        {
            var lane = _idle.Count > 0 ? _idle.Pop() : new Lane(this);
            _lanes[number] = lane;
            lane.Begin(number);
        }

        _back.Take();
        if (_items[number].IsFinished)
        {
            _idle.Push(_lanes[number]!);
            _lanes[number] = null;
        }
    }

    /// <summary>All have had a turn: either all wait at the same barrier, or all are done.</summary>
    private bool Meet()
    {
        int finished = _items.Count(i => i.IsFinished);
        if (finished == _items.Length)
            return false;
        var first = _items.First(i => !i.IsFinished);
        if (finished > 0 || _items.Any(i => i.Site != first.Site))
        {
            var other = _items.First(i => i.IsFinished || i.Site != first.Site);
            string elsewhere = other.IsFinished ? "has come to its end" : $"waits at {At(other)}";
            Abort();
            throw new KernelFaultException(
                $"Kernel '{_emulation.Kernel}': {first} waits at the barrier at {At(first)}, but {other} {elsewhere}; every work item of a group " +
                "has to reach the same barriers, so a barrier stands under no condition that differs between them.");
        }

        Votes = _items.Count(i => i.Ballot);
        Shared.NextPhase();
        return true;
    }

    private static string At(EmulatedItem item) => $"{Path.GetFileName(item.Site.File)}:{item.Site.Line}";

    private void Abort()
    {
        _isAborting = true;
        for (int i = 0; i < _items.Length; i++)
        {
            if (_lanes[i] != null)
                Turn(i);
        }
    }

    private void RunItem(int number)
    {
        var item = _items[number];
        WorkItem.Running = item;
        try
        {
            _kernel();
            Shared.EndSegment(number, Describe);
        }
        catch (AbortedException)
        {
            // The group is given up: another work item has failed.
        }
        catch (Exception fault)
        {
            var named = fault is KernelFaultException ? fault : _emulation.Fault(item, fault);
            _failure ??= ExceptionDispatchInfo.Capture(named);
        }
        finally
        {
            WorkItem.Running = null;
            item.IsFinished = true;
            _back.Give();
        }
    }

    private sealed class AbortedException : Exception;

    /// <summary>A thread that runs work items, one after the other or one that waits.</summary>
    private sealed class Lane
    {
        private const int StackBytes = 1 << 20;
        private readonly EmulatedGroup _group;
        private int _item;

        public Lane(EmulatedGroup group)
        {
            _group = group;
            new Thread(Loop, StackBytes) { IsBackground = true, Name = "work item" }.Start();
        }

        /// <summary>The turn of this thread.</summary>
        public Baton Go { get; } = new();

        public void Begin(int item)
        {
            _item = item;
            Go.Give();
        }

        public void Stop() => Begin(-1);

        private void Loop()
        {
            while (true)
            {
                Go.Take();
                if (_item < 0)
                    return;
                _group.RunItem(_item);
            }
        }
    }
}
