using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MomentumCore.Engine;

/// <summary>
/// Tells devices, pipes and sockets from files and folders: what is sent to them passes through, so that putting a
/// file in their place would be wrong.
/// </summary>
internal static partial class SpecialFile
{
    // From linux/stat.h; its layout is the same on every processor.
    private const int CurrentFolder = -100;
    private const uint WantType = 1;
    private const int StatBytes = 256;
    private const int ModeOffset = 28;
    private const int TypeBits = 0xF000;
    private const int FolderType = 0x4000;
    private const int RegularType = 0x8000;

    /// <summary>Whether there is something at a path, or where a link there leads, that is neither file nor folder.
    /// </summary>
    public static bool Is(string path) => !OperatingSystem.IsWindows() && (IsNameOfDevice(path) || IsByType(path));

    /// <summary>
    /// Whether there is something at a path that gives what it has once, in order, and may wait for more: anything but a
    /// file or folder. A name of standard input is that of the file which a shell sends to it.
    /// </summary>
    public static bool CannotBeReadTwice(string path) => IsByType(path);

    // An open file of this process has such a name, too: standard output that a shell sends to a file.
    private static bool IsNameOfDevice(string path)
    {
        string full = Path.GetFullPath(path);
        return File.Exists(full)
            && (full.StartsWith("/proc/", StringComparison.Ordinal)
                || (full.StartsWith("/dev/", StringComparison.Ordinal)
                    && !full.StartsWith("/dev/shm/", StringComparison.Ordinal)));
    }

    private static bool IsByType(string path)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        Span<byte> stat = stackalloc byte[StatBytes];
        try
        {
            if (Statx(CurrentFolder, Path.GetFullPath(path), 0, WantType, stat) != 0)
                return false;
        }
        catch (EntryPointNotFoundException)
        {
            // A C library from before 2018; then the name alone tells.
            return false;
        }

        int type = BinaryPrimitives.ReadUInt16LittleEndian(stat[ModeOffset..]) & TypeBits;
        return type is not (RegularType or FolderType);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint wanted, Span<byte> stat);
}
