using System;

namespace MomentumCore.Kernels.Compiler.Printers.Simd;

/// <summary>Something in a map has no vector form; the kernel keeps its plain loop. The message says what it is.</summary>
internal sealed class NoSimdForm(string message) : Exception(message)
{
    /// <summary>Whether lanes of twice the width could do it.</summary>
    public bool IsTooNarrow { get; init; }
}
