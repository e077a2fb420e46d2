using System;
using System.Collections.Generic;
using System.Linq;
using MomentumCore.Kernels.Compiler.Incremental;
using MomentumCore.Kernels.Compiler.Rules;

namespace MomentumCore.Kernels.Compiler;

/// <summary>The text made for one kernel; equal when the text is, so that unchanged kernels cost nothing.</summary>
internal sealed class GeneratedKernel : IEquatable<GeneratedKernel>
{
    public GeneratedKernel(string hintName, string text, List<KernelProblem> problems)
    {
        HintName = hintName;
        Text = text;
        Problems = problems;
    }

    public string HintName { get; }

    public string Text { get; }

    public List<KernelProblem> Problems { get; }

    /// <summary>With the place of the kernel filled in.</summary>
    public GeneratedKernel At(IEnumerable<KernelLine> lines) =>
        new(HintName, Text.Replace(KernelLine.Mark, lines.FirstOrDefault(l => l.HintName == HintName)?.Literal ?? "\"\""), Problems);

    public bool Equals(GeneratedKernel? other) =>
        other != null && HintName == other.HintName && Text == other.Text && Problems.SequenceEqual(other.Problems);

    public override bool Equals(object? obj) => Equals(obj as GeneratedKernel);

    public override int GetHashCode() => HintName.GetHashCode() ^ Text.GetHashCode();
}
