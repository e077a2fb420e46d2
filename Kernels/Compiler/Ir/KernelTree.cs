using System.Collections.Immutable;

namespace MomentumCore.Kernels.Compiler.Ir;

/// <summary>A kernel after lowering: everything that the printers read.</summary>
/// <param name="Name">The method's name.</param>
/// <param name="Index">The name of the index parameter, or null for a grouped kernel.</param>
/// <param name="Parameters">Values and views, in the order of the launch; structs are taken apart into their fields.</param>
/// <param name="Body">The steps.</param>
/// <param name="Helpers">What it calls, callees before callers.</param>
internal sealed record KernelTree(
    string Name, string? Index, ImmutableArray<Parameter> Parameters, ImmutableArray<Stmt> Body, ImmutableArray<Helper> Helpers)
{
    /// <summary>Whether it runs in groups.</summary>
    public bool IsGrouped => Index == null;
}

/// <summary>A helper method after lowering.</summary>
/// <param name="Name">Unique in the kernel.</param>
/// <param name="Result">The type of what it returns.</param>
/// <param name="Parameters">Values and views; a view of shared memory makes another helper than one of global memory.</param>
/// <param name="Body">The steps.</param>
internal sealed record Helper(string Name, Scalar Result, ImmutableArray<Parameter> Parameters, ImmutableArray<Stmt> Body);

/// <summary>A parameter: a value or a view.</summary>
internal abstract record Parameter(string Name);

/// <summary>A number. Path is how the launch reads it from the C# argument: a name, or a name and fields.</summary>
internal sealed record ValueParameter(string Name, Scalar Type, string Path) : Parameter(Name);

/// <summary>A view. Path is how the launch reads it from the C# argument.</summary>
internal sealed record ViewParameter(View View, string Path) : Parameter(View.Name)
{
    public ViewParameter(View view)
        : this(view, view.Name)
    {
    }
}

/// <summary>A local of the caller that a helper writes. Inside the helper it is read and written as a <see cref="Var"/> of that name.</summary>
internal sealed record OutParameter(string Name, Scalar Type) : Parameter(Name);
