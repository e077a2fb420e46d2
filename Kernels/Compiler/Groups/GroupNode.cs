using System.Collections.Immutable;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Groups;

/// <summary>A step that a group takes as one.</summary>
internal abstract record GroupNode;

/// <summary>Steps without a barrier: a loop over the work items.</summary>
internal sealed record RegionNode(int Number, ImmutableArray<Stmt> Steps) : GroupNode;

/// <summary>A vote or a broadcast: a loop over the work items that collects.</summary>
internal sealed record VoteNode(int Number, Var Result, GroupOp Operation) : GroupNode;

/// <summary>A step that is the same for all work items.</summary>
internal sealed record OnceNode(Stmt Step) : GroupNode;

/// <summary>A condition that is the same for all work items.</summary>
internal sealed record IfNode(Expr Condition, ImmutableArray<GroupNode> Then, ImmutableArray<GroupNode> Else) : GroupNode;

/// <summary>A loop that all work items take equally often.</summary>
internal sealed record LoopNode(
    ImmutableArray<GroupNode> Before, Expr? Condition, ImmutableArray<GroupNode> Step, ImmutableArray<GroupNode> Body, bool TestFirst) : GroupNode;
