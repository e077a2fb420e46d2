using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Devices.Emulator;
using MomentumCore.Kernels.Devices.OpenCl;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Devices;

/// <summary>A place where kernels run and tensors live.</summary>
public abstract class Device
{
    /// <summary>The environment variable that names the <see cref="Default"/> device of a program.</summary>
    public const string EnvironmentVariable = "MOMENTUM_DEVICE";

    private static readonly Lazy<Device> Chosen = new(() => Named(Environment.GetEnvironmentVariable(EnvironmentVariable)));
    private static readonly AsyncLocal<Device?> Flow = new();

    /// <summary>What watches new memory now, or null.</summary>
    internal GuardZones? Guards;

    private DeviceProfile? _profile;

    /// <summary>The processor this program runs on, all cores.</summary>
    public static CpuDevice Cpu { get; } = new(Environment.ProcessorCount);

    /// <summary>Runs kernels as plain .NET, one work item at a time and with every access checked: for looking at them.</summary>
    /// <remarks>
    /// Ask for it before the first kernel runs: until then views can still be told to check. Otherwise set
    /// <c>MOMENTUM_CHECKED_VIEWS=1</c>. A program under a debugger always checks.
    /// </remarks>
    public static EmulatorDevice Emulator
    {
        get
        {
            ViewChecks.Want();
            return TheEmulator;
        }
    }

    private static EmulatorDevice TheEmulator { get; } = new();

    /// <summary>Every device that this machine offers; the CPU is always first. The emulator is not among them.</summary>
    public static IReadOnlyList<Device> All => Found.Devices;

    /// <summary>
    /// Where tensors are made that are not told a device: that of the innermost <see cref="Use"/>, else the one that
    /// the environment variable <c>MOMENTUM_DEVICE</c> names, else the CPU.
    /// </summary>
    /// <exception cref="ArgumentException">The variable names a device that is not there.</exception>
    public static Device Default => Flow.Value ?? Chosen.Value;

    /// <summary>The short name that <see cref="Parse"/> reads back, such as <c>cpu</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What the device is, for people.</summary>
    public abstract string Description { get; }

    /// <summary>Live and peak bytes of the tensors on this device.</summary>
    public MemoryCounter Memory { get; } = new();

    /// <summary>Whether kernels in double run here.</summary>
    internal virtual bool ComputesDouble => true;

    /// <summary>What measures now, or null.</summary>
    internal DeviceProfile? ActiveProfile => Volatile.Read(ref _profile);

    /// <summary>An OpenCL device by its number, as in the name <c>opencl:0</c>.</summary>
    /// <param name="number">From 0.</param>
    /// <exception cref="ArgumentException">There is no such device.</exception>
    public static OpenClDevice OpenCl(int number = 0) => (OpenClDevice)Parse($"opencl:{number}");

    /// <summary>Finds a device by its name; upper and lower case do not matter.</summary>
    /// <exception cref="ArgumentException">No device has that name; the message lists those that there are.</exception>
    public static Device Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (string.Equals(name.Trim(), Cpu.Name, StringComparison.OrdinalIgnoreCase))
            return Cpu;
        if (string.Equals(name.Trim(), TheEmulator.Name, StringComparison.OrdinalIgnoreCase))
            return Emulator;
        return All.FirstOrDefault(d => string.Equals(d.Name, name.Trim(), StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException($"There is no device '{Shown(name)}' here; there is: {Names()}.", nameof(name));
    }

    /// <summary>
    /// Makes a device the <see cref="Default"/> until the result is disposed. It nests and follows the async flow.
    /// </summary>
    public static IDisposable Use(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        var restore = new Restore(Flow.Value);
        Flow.Value = device;
        return restore;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Waits until everything launched so far is done.</summary>
    public virtual void Synchronize()
    {
    }

    /// <summary>Measures every kernel and copy on this device until the result is disposed.</summary>
    /// <remarks>
    /// On the CPU by the clock of the thread that launches; on OpenCL by the driver's own profiling events, so what
    /// counts is the time on the device, not the wait in the queue.
    /// <code>
    /// using (var profile = device.Profile())
    /// {
    ///     Train();
    ///     Console.WriteLine(profile);
    /// }
    /// </code>
    /// </remarks>
    /// <exception cref="InvalidOperationException">
    /// The device is being measured already. A profile that nobody disposes measures until the program ends.
    /// </exception>
    public DeviceProfile Profile()
    {
        var profile = new DeviceProfile(this);
        if (Interlocked.CompareExchange(ref _profile, profile, null) != null)
        {
            throw new InvalidOperationException(
                $"{Name} is being measured already, by a profile that has not been disposed; dispose it before starting " +
                "another (best with 'using': a profile that is forgotten measures until the program ends).");
        }

        ProfileChanged();
        return profile;
    }

    /// <summary>The device that the value of <see cref="EnvironmentVariable"/> means.</summary>
    internal static Device Named(string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
            return Cpu;
        try
        {
            return Parse(value);
        }
        catch (ArgumentException problem)
        {
            throw new ArgumentException(
                $"The environment variable {EnvironmentVariable} is '{Shown(value)}', but there is no such device here; " +
                $"there is: {Names()}. Set it to one of these, or unset it for the CPU.",
                problem);
        }
    }

    /// <summary>Runs a kernel, one work item for each index below <paramref name="count"/>.</summary>
    /// <param name="kernel">What to run.</param>
    /// <param name="count">The number of work items.</param>
    /// <param name="extent">The kernel's first argument: the count, or a strided layout that holds it.</param>
    /// <param name="arguments">The others.</param>
    internal virtual void Launch(KernelInfo kernel, int count, KernelArgument extent, ReadOnlySpan<KernelArgument> arguments) =>
        throw new NotSupportedException($"{Name} runs a kernel's C# form, not {kernel.Name} from its description.");

    /// <summary>Runs a grouped kernel.</summary>
    /// <param name="kernel">What to run.</param>
    /// <param name="config">Groups, their size and their dynamic memory.</param>
    /// <param name="arguments">The kernel's arguments.</param>
    internal virtual void LaunchGroups(KernelInfo kernel, in KernelConfig config, ReadOnlySpan<KernelArgument> arguments) =>
        throw new NotSupportedException($"{Name} runs a kernel's C# form, not {kernel.Name} from its description.");

    /// <summary>Memory for <paramref name="bytes"/> bytes, uninitialised, aligned to 64.</summary>
    internal abstract DeviceBuffer Allocate(long bytes);

    /// <summary>Copies host memory into a buffer. The source may be overwritten as soon as this returns.</summary>
    internal abstract unsafe void Upload(byte* source, long bytes, DeviceBuffer target, long targetOffset);

    /// <summary>Copies a buffer into host memory, after the work that writes it.</summary>
    internal abstract unsafe void Download(DeviceBuffer source, long sourceOffset, byte* target, long bytes);

    /// <inheritdoc cref="Upload(byte*, long, DeviceBuffer, long)"/>
    internal unsafe void Upload(ReadOnlySpan<byte> source, DeviceBuffer target, long targetOffset)
    {
        fixed (byte* s = source)
            Upload(s, source.Length, target, targetOffset);
    }

    /// <inheritdoc cref="Download(DeviceBuffer, long, byte*, long)"/>
    internal unsafe void Download(DeviceBuffer source, long sourceOffset, Span<byte> target)
    {
        fixed (byte* t = target)
            Download(source, sourceOffset, t, target.Length);
    }

    /// <summary>
    /// Starts to copy host memory into a buffer. Work launched later sees the copy; the task is done when the source
    /// is free, and until then it has to stay where it is, also when nobody waits for the task any more.
    /// </summary>
    internal virtual unsafe Task UploadAsync(byte* source, long bytes, DeviceBuffer target, long targetOffset)
    {
        Upload(source, bytes, target, targetOffset);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Starts to copy a buffer into host memory, which has to stay where it is until the task is done.
    /// </summary>
    internal virtual unsafe Task DownloadAsync(DeviceBuffer source, long sourceOffset, byte* target, long bytes)
    {
        Download(source, sourceOffset, target, bytes);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Runs a check that reads values which the device may still be computing: at once, or on a device with a queue
    /// when the host next waits for a copy or calls <see cref="Synchronize"/>, so that no check costs a wait. Where
    /// another thread reads first, the error is thrown there and again where this flow next reads.
    /// </summary>
    /// <param name="check">Throws if something is wrong.</param>
    internal virtual void WhenRead(Action check) => check();

    /// <summary>Runs the checks that wait; see <see cref="WhenRead"/>.</summary>
    internal void RunChecks() => RunChecks(Environment.CurrentManagedThreadId);

    /// <summary>As <see cref="RunChecks()"/>, on behalf of a thread that waits for this one.</summary>
    /// <param name="reader">Its <see cref="Environment.CurrentManagedThreadId"/>.</param>
    internal virtual void RunChecks(int reader)
    {
    }

    /// <summary>A measurement begins or ends.</summary>
    private protected virtual void ProfileChanged()
    {
    }

    /// <summary>Fills in what was measured and is not in the profile yet.</summary>
    internal virtual void CollectProfile()
    {
    }

    internal void EndProfile(DeviceProfile profile)
    {
        CollectProfile();
        if (Interlocked.CompareExchange(ref _profile, null, profile) == profile)
            ProfileChanged();
    }

    /// <summary>What somebody wrote, harmless to a terminal.</summary>
    private static string Shown(string name)
    {
        const int Most = 100;
        string line = name.Length <= Most ? name : name[..Most] + "…";
        return string.Concat(line.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c));
    }

    private static string Names() => string.Join(", ", All.Append(TheEmulator).Select(d => d.Name));

    // Apart, so that a program which uses the CPU alone never loads a driver.
    private static class Found
    {
        public static readonly IReadOnlyList<Device> Devices = [Cpu, .. OpenClInfo.Devices()];
    }

    private sealed class Restore(Device? before) : IDisposable
    {
        public void Dispose() => Flow.Value = before;
    }
}
