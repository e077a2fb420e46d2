using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>A way to compute a convolution in tasks that need working memory.</summary>
internal interface IImageBody : IRangeBody
{
    /// <summary>How many tasks there are.</summary>
    int Tasks { get; }

    /// <summary>Working memory of a task.</summary>
    long ScratchBytes { get; }

    /// <summary>Where tasks get their working memory.</summary>
    ScratchSlots Scratch { set; }
}
