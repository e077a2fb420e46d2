using System.Runtime.CompilerServices;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>Lanes that a table finds, as the taps of a window find their places in an image.</summary>
internal readonly unsafe struct TableSteps(int* offsets) : ILaneSteps
{
    private readonly int* _offsets = offsets;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint At(int k) => _offsets[k];
}
