using System.Runtime.CompilerServices;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>Lanes that lie a fixed step apart, as in a matrix or a packed panel.</summary>
internal readonly struct EvenSteps(nint step) : ILaneSteps
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint At(int k) => k * step;
}
