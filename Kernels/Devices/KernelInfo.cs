namespace MomentumCore.Kernels.Devices;

/// <summary>One compiled form of a kernel: what devices other than the CPU are handed. Generated code makes these.</summary>
/// <param name="name">The kernel's name, also in its source.</param>
/// <param name="openClSource">Its OpenCL C, or null when there is none.</param>
/// <param name="usesDouble">Whether it computes in double.</param>
public sealed class KernelInfo(string name, string? openClSource, bool usesDouble)
{
    /// <summary>The kernel's name.</summary>
    public string Name { get; } = name;

    /// <summary>Its name in the source: another than <see cref="Name"/> where that is a word of OpenCL C.</summary>
    public string Entry { get; init; } = name;

    /// <summary>Its OpenCL C, or null when the kernel runs on the CPU alone.</summary>
    public string? OpenClSource { get; } = openClSource;

    /// <summary>Whether it computes in double, which not every device can.</summary>
    public bool UsesDouble { get; } = usesDouble;

    /// <summary>The element type that it was made for, such as <c>Float32</c>; empty if not known.</summary>
    public string Form { get; init; } = "";

    /// <summary>Where the C# method stands, such as <c>Activations.cs:24</c>; empty if not known.</summary>
    public string Location { get; init; } = "";

    /// <summary>
    /// Where it stands, such as <c>MomentumCore.Kernels.Library.Activations</c>, and whether its views are strided:
    /// drivers may compile kernels of one family together. Empty if not known.
    /// </summary>
    public string Family
    {
        get;
        init
        {
            field = value;
            KernelFamily.Add(this);
        }
    } = "";

    /// <summary>Name and form, such as <c>Tanh (Float32)</c>.</summary>
    public string FullName => Form.Length == 0 ? Name : $"{Name} ({Form})";

    /// <summary>Whether it takes shared memory whose size the launch gives.</summary>
    public bool UsesDynamicShared { get; init; }

    /// <summary>Bytes of shared memory that each group takes for what the kernel allocates itself.</summary>
    public long SharedBytes { get; init; }

    /// <summary>The names of what a launch hands over, in order and with a comma between; empty if not known.</summary>
    public string Arguments { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => Name;
}
