using System.Collections.Immutable;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Lowering;

/// <summary>What a C# expression or symbol stands for: a value, a view, or several of these under names.</summary>
internal abstract record Lowered;

/// <summary>A value.</summary>
internal sealed record LoweredValue(Expr Value) : Lowered;

/// <summary>A view.</summary>
internal sealed record LoweredView(View View, bool IsReadOnly) : Lowered;

/// <summary>A part of a view that has no name yet: view.SubView(offset, length), or the same bytes as another type.</summary>
internal sealed record LoweredPart(View Source, Scalar Element, Expr Offset, Expr Length, bool IsReadOnly) : Lowered;

/// <summary>Freshly allocated shared or local memory that has no name yet.</summary>
internal sealed record LoweredArray(Scalar Element, Space Space, int Length) : Lowered;

/// <summary>A struct or tuple, taken apart.</summary>
internal sealed record LoweredGroup(ImmutableArray<(string Name, Lowered Part)> Parts) : Lowered
{
    public Lowered? Find(string name)
    {
        foreach (var part in Parts)
        {
            if (part.Name == name)
                return part.Part;
        }

        return null;
    }
}
