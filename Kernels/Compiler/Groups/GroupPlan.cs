using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Groups;

/// <summary>A grouped kernel cut at its barriers, for a device that runs a group in one thread.</summary>
/// <remarks>
/// What lies between two barriers becomes a loop over the work items. Conditions and loops around barriers are the same
/// for all work items (the barrier rule sees to that) and run once for the group, with the locals that they need.
/// </remarks>
internal sealed class GroupPlan
{
    private readonly HashSet<string> _once = [];
    private int _regions;

    public GroupPlan(KernelTree kernel)
    {
        // What decides which way the group goes is kept once; so is all that this is computed from.
        foreach (var vote in Types.Statements(kernel.Body).OfType<Declare>().Where(d => d.Value is GroupOp))
            _once.Add(vote.Variable.Name);
        int known;
        do
        {
            known = _once.Count;
            Spread(kernel.Body, isInner: false);
        }
        while (_once.Count != known);

        Nodes = Plan(kernel.Body, isInner: false);
    }

    /// <summary>The steps of the group.</summary>
    public ImmutableArray<GroupNode> Nodes { get; }

    /// <summary>Locals that exist once for the group.</summary>
    public bool IsOnce(string local) => _once.Contains(local);

    private static bool HasBarrier(Stmt step) =>
        Types.Statements([step]).Any(s => s is Barrier or Declare { Value: GroupOp });

    /// <summary>Whether a step contains a jump out of itself: a return, or a break of the loop around it.</summary>
    private static bool Jumps(Stmt step, bool countBreaks = true) => step switch
    {
        Return => true,
        Break or Continue => countBreaks,
        If i => i.Then.Concat(i.Else).Any(s => Jumps(s, countBreaks)),
        Loop l => l.Body.Any(s => Jumps(s, countBreaks: false)),
        _ => false,
    };

    /// <summary>Whether the group takes a step together.</summary>
    private bool IsTogether(Stmt step) =>
        HasBarrier(step) || Jumps(step) || Types.Statements([step]).SelectMany(Written).Any(_once.Contains);

    /// <summary>Where the last barrier has been passed: from there on each work item goes its way to the end.</summary>
    private static int Tail(ImmutableArray<Stmt> body, bool isInner)
    {
        int tail = body.Length;
        while (!isInner && tail > 0 && !HasBarrier(body[tail - 1]))
            tail--;
        return tail;
    }

    /// <summary>The locals that a step itself writes.</summary>
    public static IEnumerable<string> Written(Stmt step)
    {
        if (step is Declare d)
            yield return d.Variable.Name;
        if (step is Assign { Target: Var v })
            yield return v.Name;
        foreach (var call in Types.Direct(step).SelectMany(Types.Within).OfType<Call>())
        {
            foreach (var target in call.Arguments.OfType<OutArgument>())
                yield return target.Target.Name;
        }
    }

    private void Spread(ImmutableArray<Stmt> body, bool isInner)
    {
        foreach (var step in body.Take(Tail(body, isInner)).Where(IsTogether))
        {
            switch (step)
            {
                case Declare { Value: GroupOp }:
                    break;
                case Declare or Assign or Evaluate:
                    foreach (var value in Types.Direct(step))
                        Need(value);
                    break;
                case If branch:
                    Need(branch.Condition);
                    Spread(branch.Then, isInner: true);
                    Spread(branch.Else, isInner: true);
                    break;
                case Loop loop:
                    Need(loop.Condition);
                    Spread(loop.Before, isInner: true);
                    Spread(loop.Body, isInner: true);
                    Spread(loop.Step, isInner: true);
                    break;
            }
        }
    }

    private void Need(Expr? value)
    {
        if (value == null)
            return;
        foreach (var local in Types.Within(value).OfType<Var>())
            _once.Add(local.Name);
    }

    private ImmutableArray<GroupNode> Plan(ImmutableArray<Stmt> body, bool isInner)
    {
        var nodes = ImmutableArray.CreateBuilder<GroupNode>();
        var between = ImmutableArray.CreateBuilder<Stmt>();
        int tail = Tail(body, isInner);
        for (int i = 0; i < tail; i++)
        {
            if (!IsTogether(body[i]))
            {
                between.Add(body[i]);
                continue;
            }

            Region(between, nodes);
            if (Together(body[i]) is { } node)
                nodes.Add(node);
        }

        if (tail > 0 && tail < body.Length)
            Region(between, nodes);
        between.AddRange(body.Skip(tail));
        Region(between, nodes);
        return nodes.ToImmutable();
    }

    private GroupNode? Together(Stmt step) => step switch
    {
        Barrier => null, // the next loop over the work items starts when this one has ended
        Declare { Value: GroupOp op } d => new VoteNode(_regions++, d.Variable, op),
        If i => new IfNode(i.Condition, Plan(i.Then, isInner: true), Plan(i.Else, isInner: true)),
        Loop l => new LoopNode(
            Plan(l.Before, isInner: true), l.Condition, Plan(l.Step, isInner: true), Plan(l.Body, isInner: true), l.TestFirst),
        _ => new OnceNode(step),
    };

    private void Region(ImmutableArray<Stmt>.Builder steps, ImmutableArray<GroupNode>.Builder nodes)
    {
        if (steps.Count > 0)
            nodes.Add(new RegionNode(_regions++, steps.ToImmutable()));
        steps.Clear();
    }
}
