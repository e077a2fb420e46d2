using System.Runtime.InteropServices;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels.Bits;

/// <summary>One launch as a device was asked for it, to be run again on others with the same bytes.</summary>
internal sealed unsafe class RecordedLaunch
{
    private readonly KernelLauncher _launcher;
    private readonly object _extent;
    private readonly List<(nint Buffer, long Offset, long Length, object? Number)> _arguments = [];

    public RecordedLaunch(KernelLauncher launcher, object extent, ReadOnlySpan<KernelArgument> arguments)
    {
        _launcher = launcher;
        _extent = extent;
        for (int i = 0; i < arguments.Length; i++)
        {
            var argument = arguments[i];
            object? number = KernelLauncher.IsView(launcher.Arguments[i]) ? null : Number(launcher.Arguments[i], argument.Bits);
            _arguments.Add((argument.Buffer, argument.Offset, argument.Length, number));
        }
    }

    /// <summary>The memory that the views lie in, each once.</summary>
    public IEnumerable<nint> Buffers => _arguments.Where(a => a.Number == null).Select(a => a.Buffer).Distinct();

    /// <summary>Sizes and scalars: what has them all in common is not compared again.</summary>
    public string Signature => string.Join(' ', _arguments.Select(a => a.Number ?? $"[{a.Length}]").Prepend(Extent));

    /// <summary>Work items, all groups together.</summary>
    public long Items => _extent switch
    {
        int count => count,
        StridedLayout layout => layout.Count,
        KernelConfig config => (long)config.GridDim.Size * config.GroupDim.Size,
        _ => 0,
    };

    private string Extent => _extent switch
    {
        KernelConfig config => $"{config.GridDim} groups of {config.GroupDim}",
        StridedLayout layout => $"{layout.Count} in rows of {layout.InnerSize}",
        _ => $"{_extent} items",
    };

    /// <summary>The views on a buffer, in bytes, with the element type.</summary>
    public IEnumerable<(int Argument, Element Element, int Start, int Length)> Views(nint buffer) =>
        _arguments.Select((a, i) => (a, i)).Where(p => p.a.Number == null && p.a.Buffer == buffer).Select(p =>
        {
            var element = ElementOf(p.i);
            return (p.i, element, (int)p.a.Offset * element.Size, (int)p.a.Length * element.Size);
        });

    /// <summary>Runs it on the CPU or the emulator in the memory given, which has to be pinned.</summary>
    public void RunHere(Device device, Dictionary<nint, byte[]> memory) => _launcher.Launch(device, _extent, _arguments.Select((a, i) =>
        a.Number ?? ElementOf(i).View((byte*)Marshal.UnsafeAddrOfPinnedArrayElement(memory[a.Buffer], 0), a.Offset, a.Length)));

    /// <summary>Runs it in memory of a device and brings that back.</summary>
    public void RunThere(Device device, Dictionary<nint, byte[]> memory)
    {
        var buffers = memory.ToDictionary(m => m.Key, m => device.Allocate(Math.Max(1, m.Value.Length)));
        try
        {
            foreach (var (key, buffer) in buffers)
                device.Upload(memory[key], buffer, 0);
            _launcher.Launch(device, _extent, _arguments.Select((a, i) => a.Number ?? ElementOf(i).View(buffers[a.Buffer], a.Offset, a.Length)));
            foreach (var (key, buffer) in buffers)
                device.Download(buffer, 0, memory[key]);
        }
        finally
        {
            foreach (var buffer in buffers.Values)
                buffer.Free();
        }
    }

    private Element ElementOf(int argument) => Element.Of(_launcher.Arguments[argument].GetGenericArguments()[0]);

    private static object Number(Type type, ulong bits) => Type.GetTypeCode(type) switch
    {
        TypeCode.Boolean => bits != 0,
        TypeCode.SByte => (sbyte)bits,
        TypeCode.Byte => (byte)bits,
        TypeCode.Int16 => (short)bits,
        TypeCode.UInt16 => (ushort)bits,
        TypeCode.Int32 => type.IsEnum ? Enum.ToObject(type, (int)bits) : (int)bits,
        TypeCode.UInt32 => (uint)bits,
        TypeCode.Int64 => (long)bits,
        TypeCode.UInt64 => bits,
        TypeCode.Single => BitConverter.UInt32BitsToSingle((uint)bits),
        TypeCode.Double => BitConverter.UInt64BitsToDouble(bits),
        _ => throw new NotSupportedException($"no number for {type}"),
    };
}
