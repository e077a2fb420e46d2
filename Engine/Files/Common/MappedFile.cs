using System.IO.MemoryMappedFiles;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Engine;

/// <summary>
/// A file seen as memory: its pages are read when they are touched, and what is written to them stays in this process.
/// It is let go with the last tensor that looks into it.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private int _users = 1;

    /// <summary>Maps an open file that is not empty. It may be closed afterwards.</summary>
    public MappedFile(FileStream stream)
    {
        _file = MemoryMappedFile.CreateFromFile(
            stream,
            mapName: null,
            capacity: 0,
            MemoryMappedFileAccess.CopyOnWrite,
            HandleInheritability.None,
            leaveOpen: true);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.CopyOnWrite);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>A tensor over a part of the file, whose elements must be aligned.</summary>
    public Tensor Tensor(Shape shape, DType dtype, long begin)
    {
        Interlocked.Increment(ref _users);
        var buffer = new CpuBuffer(Device.Cpu, this, (nint)(_start + begin), (long)shape.ElementCount * dtype.Size());
        return new Tensor(new Storage(buffer), dtype, shape, shape.ContiguousStrides(), 0, track: false);
    }

    /// <summary>Called once by whoever opened the file, and once by each tensor.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) != 0)
            return;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
