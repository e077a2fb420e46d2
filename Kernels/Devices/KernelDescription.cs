using System.ComponentModel;
using System.Diagnostics;

namespace MomentumCore.Kernels.Devices;

/// <summary>A kernel as people look at it: its C#, what the kernel compiler made of it, and how fast that is.</summary>
/// <remarks>
/// In your own project, the class that holds a kernel <c>Swish</c> has an internal <c>SwishDescription</c>; those of
/// the library are in <see cref="Library.KernelCatalog"/>.
/// </remarks>
public sealed class KernelDescription
{
    private const double MeasuredMilliseconds = 60;
    private const int LeastRuns = 5;
    private readonly Func<string> _source;
    private readonly Func<string> _cpuForm;
    private readonly Action<KernelTrial>? _trial;

    /// <summary>For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public KernelDescription(
        string family, KernelInfo[] forms, Func<string> source, Func<string> cpuForm, Action<KernelTrial>? trial)
    {
        Family = family;
        Forms = forms;
        _source = source;
        _cpuForm = cpuForm;
        _trial = trial;
    }

    /// <summary>The class that holds it.</summary>
    public string Family { get; }

    /// <summary>Its name.</summary>
    public string Name => Forms[0].Name;

    /// <summary>File and line of its C#.</summary>
    public string Location => Forms[0].Location;

    /// <summary>What it was compiled to, by element type; the OpenCL C is in there.</summary>
    public IReadOnlyList<KernelInfo> Forms { get; }

    /// <summary>The method as it was written.</summary>
    public string CSharp => _source();

    /// <summary>How the CPU runs the first form: its vector loop, or a plain one and why.</summary>
    public string CpuForm => _cpuForm();

    /// <summary>Whether it touches views only at its own index, so that it can be tried on any numbers.</summary>
    public bool IsMap => _trial != null;

    /// <summary>Runs the first form on made-up numbers again and again.</summary>
    /// <param name="device">Where.</param>
    /// <param name="count">The number of work items, which is the length of every view.</param>
    /// <returns>The median time of a run in milliseconds, and the bytes of all views together.</returns>
    /// <exception cref="InvalidOperationException">It is not a map: its arguments cannot be made up.</exception>
    public (double Milliseconds, long Bytes) Measure(Device device, int count)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (_trial == null)
        {
            throw new InvalidOperationException(
                $"{Family}.{Name} is not a map; where it reads and writes depends on its arguments, which cannot be made up. " +
                "Time it in a program, with device.Profile().");
        }

        using var trial = new KernelTrial(device, count);
        Run(trial); // drivers compile now
        var times = new List<double>();
        for (double all = 0; all < MeasuredMilliseconds || times.Count < LeastRuns;)
        {
            long start = Stopwatch.GetTimestamp();
            Run(trial);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            all += times[^1];
        }

        times.Sort();
        return (times[times.Count / 2], trial.Bytes);
    }

    /// <summary>One run on made-up numbers, of a map.</summary>
    internal void Try(Device device, int count)
    {
        using var trial = new KernelTrial(device, count);
        Run(trial);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Family}.{Name}";

    private void Run(KernelTrial trial)
    {
        trial.Restart();
        _trial!(trial);
        trial.Device.Synchronize();
    }
}
