using System.Runtime.InteropServices;

namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>
/// Keeps .NET's handler of the signal that an integer division by zero raises while a driver starts: PoCL puts one of its
/// own there, which steps over the division, and <see cref="DivideByZeroException"/> would be gone from the whole program.
/// </summary>
/// <remarks>Our kernels do not need the driver's handler: their OpenCL C never divides by zero.</remarks>
internal readonly unsafe partial struct DivisionSignal : IDisposable
{
    /// <summary>The same number on Linux and macOS.</summary>
    private const int FloatingPointError = 8;

    /// <summary>More than any system's struct sigaction has (152 bytes on Linux).</summary>
    private const int ActionBytes = 512;

    private readonly byte[]? _before;

    private DivisionSignal(byte[] before) => _before = before;

    /// <summary>Remembers the handler until the result is disposed, which puts it back.</summary>
    public static DivisionSignal Keep()
    {
        if (OperatingSystem.IsWindows())
            return default; // exceptions are no signals there
        byte[] before = new byte[ActionBytes];
        fixed (byte* action = before)
            return sigaction(FloatingPointError, null, action) == 0 ? new DivisionSignal(before) : default;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_before == null)
            return;
        fixed (byte* action = _before)
            _ = sigaction(FloatingPointError, action, null);
    }

    [LibraryImport("libc")]
    private static partial int sigaction(int signal, byte* action, byte* before);
}
