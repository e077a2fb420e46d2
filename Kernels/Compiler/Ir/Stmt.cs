using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace MomentumCore.Kernels.Compiler.Ir;

/// <summary>A step of a kernel.</summary>
internal abstract record Stmt;

/// <summary>A new local; without a value it is assigned before it is read, as C# makes sure.</summary>
internal sealed record Declare(Var Variable, Expr? Value) : Stmt;

/// <summary>
/// A new name for a part of a view: starts at Offset (in elements of the source), Length elements (of its own) long.
/// Where the element types differ, the same bytes are read as the other type.
/// </summary>
internal sealed record DeclareView(View View, View Source, Expr Offset, Expr Length) : Stmt;

/// <summary>Memory that the work items of a group share, or that one item has to itself.</summary>
internal sealed record DeclareArray(View View, int Length) : Stmt;

/// <summary>Target is a <see cref="Var"/> or a <see cref="Load"/>.</summary>
internal sealed record Assign(Expr Target, Expr Value) : Stmt;

internal sealed record If(Expr Condition, ImmutableArray<Stmt> Then, ImmutableArray<Stmt> Else) : Stmt;

/// <summary>for (Before; Condition; Step) Body, or do Body while (Condition) when the test comes last.</summary>
internal sealed record Loop(
    ImmutableArray<Stmt> Before, Expr? Condition, ImmutableArray<Stmt> Step, ImmutableArray<Stmt> Body, bool TestFirst) : Stmt;

internal sealed record Break : Stmt;

internal sealed record Continue : Stmt;

/// <param name="Value">What a helper gives.</param>
/// <param name="Where">The statement in the source.</param>
internal sealed record Return(Expr? Value, SyntaxNode? Where = null) : Stmt;

/// <summary>Every work item of the group arrives before one goes on; memory written before is seen after.</summary>
/// <param name="Where">The call in the source.</param>
internal sealed record Barrier(SyntaxNode? Where = null) : Stmt;

/// <summary>Memory written before is seen by others after, without waiting.</summary>
internal sealed record Fence(bool DeviceWide) : Stmt;

/// <summary>An expression evaluated for its effect: an atomic, a helper that writes.</summary>
internal sealed record Evaluate(Expr Value) : Stmt;
