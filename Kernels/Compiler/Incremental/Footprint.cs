using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MomentumCore.Kernels.Compiler.Incremental;

/// <summary>All that a kernel's generated text was made from, so that it need not be made again while none of it changes.</summary>
internal sealed class Footprint
{
    private readonly Surroundings _surroundings;
    private readonly List<(string Path, TreeShape Shape, List<int> Bodies)> _files;

    private Footprint(Surroundings surroundings, List<(string Path, TreeShape Shape, List<int> Bodies)> files)
    {
        _surroundings = surroundings;
        _files = files;
    }

    /// <summary>The footprint of a kernel: its body, the helpers that it calls, the types and constants that it names.</summary>
    public static Footprint Of(MethodDeclarationSyntax kernel, bool withHelpers, Compilation compilation, CancellationToken cancel)
    {
        var type = (TypeDeclarationSyntax)kernel.Parent!;
        // The first kernel of a class brings copies of all its helpers.
        var parts = compilation.GetSemanticModel(kernel.SyntaxTree).GetDeclaredSymbol(type, cancel)!.DeclaringSyntaxReferences.Select(r => r.GetSyntax(cancel));
        IEnumerable<SyntaxNode> own = withHelpers
            ? parts.OfType<TypeDeclarationSyntax>().SelectMany(p => p.Members).OfType<MethodDeclarationSyntax>()
                .Where(m => m.Modifiers.Any(SyntaxKind.StaticKeyword) && !KernelGenerator.IsKernel(m))
            : [];
        var nodes = Mentions.Of(compilation).From([kernel, .. own, .. parts], cancel);
        var files = nodes.GroupBy(n => n.SyntaxTree).Select(file =>
        {
            var shape = TreeShape.Of(file.Key);
            return (file.Key.FilePath, shape, file.OfType<BaseMethodDeclarationSyntax>().Select(shape.Ordinal).OfType<int>().ToList());
        });
        return new Footprint(Surroundings.Of(compilation), [.. files]);
    }

    /// <summary>Whether a later compilation leaves all of it as it was.</summary>
    public bool Holds(Compilation later)
    {
        var surroundings = Surroundings.Of(later);
        return _surroundings.Equals(surroundings) && _files.All(f => surroundings.File(f.Path) is { } shape && IsSame(f.Shape, shape, f.Bodies));
    }

    private static bool IsSame(TreeShape before, TreeShape now, List<int> bodies) =>
        ReferenceEquals(before, now) || (before.Declarations == now.Declarations && bodies.All(b => before.Bodies[b] == now.Bodies[b]));
}
