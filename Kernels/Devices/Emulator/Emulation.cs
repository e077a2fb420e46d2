using System.ComponentModel;
using System.Diagnostics;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Devices.Emulator;

/// <summary>One launch on the emulator: the views it watches, and its work items one after the other.</summary>
/// <param name="kernel">The kernel's name, for messages.</param>
/// <param name="device">The emulator whose profile counts it, or null.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed unsafe class Emulation(string kernel, Device? device = null)
{
    private readonly List<string> _views = [];
    private readonly bool _isBackwards = device is EmulatorDevice { RunsBackwards: true };

    /// <summary>The kernel's name.</summary>
    internal string Kernel { get; } = ViewChecks.AreOn ? kernel : throw new InvalidOperationException(
        $"{kernel}: the emulator was asked for when kernels had already run without checks; name Device.Emulator before the first kernel, " +
        "or set MOMENTUM_CHECKED_VIEWS=1.");

    /// <summary>The same elements, with every access checked.</summary>
    /// <param name="view">A view of the emulator's or the CPU's memory.</param>
    /// <param name="name">The parameter's name, for messages.</param>
    /// <exception cref="ArgumentException">The view lies on another device.</exception>
    public ArrayView<T> Watch<T>(ArrayView<T> view, string name)
        where T : unmanaged
    {
        if (view.Buffer is not (0 or EmulatorBuffer.Unwatched))
            throw new ArgumentException($"{Kernel}: view '{name}' lies in another device's memory; move the tensor with To(Device.Emulator).", name);
        return view.WatchedAs(Name(name));
    }

    /// <inheritdoc cref="Watch{T}(ArrayView{T}, string)"/>
    public ArrayView2D<T, TStride> Watch<T, TStride>(ArrayView2D<T, TStride> view, string name)
        where T : unmanaged
        where TStride : unmanaged =>
        new(Watch(view.BaseView, name), view.IntExtent, view.Stride);

    /// <summary>Runs an indexed kernel.</summary>
    /// <param name="count">The number of work items.</param>
    /// <param name="item">The kernel and its arguments.</param>
    /// <typeparam name="TItem">A generated struct.</typeparam>
    public void Run<TItem>(int count, TItem item)
        where TItem : struct, IKernelItem
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        using var measured = new Measured(device, typeof(TItem));
        var outer = WorkItem.Running;
        var running = new EmulatedItem(this, null, default);
        WorkItem.Running = running;
        try
        {
            for (int k = 0; k < count; k++)
            {
                int i = InTurn(k, count);
                running.Begin(i);
                item.Run(i);
            }
        }
        catch (Exception fault) when (fault is not KernelFaultException)
        {
            throw Fault(running, fault);
        }
        finally
        {
            WorkItem.Running = outer;
        }
    }

    /// <summary>Runs a grouped kernel.</summary>
    /// <param name="config">Groups and their sizes.</param>
    /// <param name="item">The kernel and its arguments.</param>
    /// <typeparam name="TItem">A generated struct.</typeparam>
    public void RunGroups<TItem>(in KernelConfig config, TItem item)
        where TItem : struct, IKernelItem
    {
        KernelLaunch.CheckGroup(Kernel, config);
        using var measured = new Measured(device, typeof(TItem));
        using var group = new EmulatedGroup(this, config, () => item.Run(0));
        var grid = config.GridDim;
        for (int k = 0; k < grid.Size; k++)
        {
            int place = InTurn(k, grid.Size);
            group.Run(new Index3D(place % grid.X, place / grid.X % grid.Y, place / (grid.X * grid.Y)));
        }
    }

    /// <summary>Which of so many work items, or groups, has the turn k.</summary>
    internal int InTurn(int k, int count) => _isBackwards ? count - 1 - k : k;

    /// <summary>A number for a view, under which its accesses come back.</summary>
    internal nint Name(string view)
    {
        _views.Add(view);
        return _views.Count;
    }

    internal KernelFaultException OutOfBounds(EmulatedItem item, nint watch, long index, long length) =>
        new($"Kernel '{Kernel}', {item}: index {index} is outside of {(watch > 0 ? $"view '{_views[(int)watch - 1]}'" : "a view")}, which has {length} elements.");

    internal KernelFaultException Fault(EmulatedItem item, Exception fault) =>
        new($"Kernel '{Kernel}', {item}: {fault.Message}", fault);

    /// <summary>Tells a profile of the launch when it ends.</summary>
    private readonly struct Measured(Device? device, Type work) : IDisposable
    {
        private readonly DeviceProfile? _profile = device?.ActiveProfile;
        private readonly long _start = Stopwatch.GetTimestamp();

        public void Dispose() => _profile?.Add(work, Stopwatch.GetElapsedTime(_start).TotalNanoseconds);
    }
}
