using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// A way to compute the weight gradient of a convolution in tasks: parts of the images with sums of their own.
/// </summary>
internal unsafe interface IWeightBody<T> : IRangeBody
    where T : unmanaged
{
    /// <summary>Parts of the images; each has its own sums [output channels, …].</summary>
    int Parts { get; }

    /// <summary>How many tasks there are.</summary>
    int Tasks { get; }

    /// <summary>Working memory of a task.</summary>
    long ScratchBytes { get; }

    /// <summary>Where tasks get their working memory.</summary>
    ScratchSlots Scratch { set; }

    /// <summary>The sums of all parts.</summary>
    T* Partial { set; }
}
