using System.Collections.Generic;
using System.Linq;

namespace MomentumCore.Kernels.Compiler.Ir;

/// <summary>What steps or values read and change: two of them may change places unless one changes what the other uses.</summary>
internal sealed class Effects
{
    private readonly HashSet<string> _reads = [];
    private readonly HashSet<string> _writes = [];
    private bool _readsMemory;
    private bool _writesMemory;

    /// <summary>Whether computing it changes anything: a local, or an element of a view.</summary>
    public bool Changes => _writesMemory || _writes.Count > 0;

    /// <summary>Whether it matters which of the two comes first.</summary>
    public bool Meets(Effects other) =>
        (_writesMemory && (other._readsMemory || other._writesMemory)) || (_readsMemory && other._writesMemory)
        || _writes.Overlaps(other._reads) || _writes.Overlaps(other._writes) || _reads.Overlaps(other._writes);

    public static bool Change(Expr value) => new Effects().With(value).Changes;

    /// <summary>Adds what computing a value does.</summary>
    public Effects With(Expr value)
    {
        foreach (var part in Types.Within(value))
            Note(part);
        return this;
    }

    /// <summary>Adds what an assignment to a <see cref="Var"/> or <see cref="Load"/> changes; where the element lies is not counted.</summary>
    public Effects WithTarget(Expr target)
    {
        if (target is Var local)
            _writes.Add(local.Name);
        else
            _writesMemory = true;
        return this;
    }

    /// <summary>Adds what steps do.</summary>
    public Effects With(IEnumerable<Stmt> steps)
    {
        foreach (var step in Types.Statements(steps))
        {
            foreach (var value in Types.Direct(step))
                With(value);
            switch (step)
            {
                case Declare d:
                    WithTarget(d.Variable);
                    break;
                case Assign a:
                    WithTarget(a.Target);
                    break;
                case Barrier or Fence: // what others have written is seen after it
                    _readsMemory = _writesMemory = true;
                    break;
            }
        }

        return this;
    }

    private void Note(Expr part)
    {
        switch (part)
        {
            case Var local:
                _reads.Add(local.Name);
                break;
            case Load:
                _readsMemory = true;
                break;
            case AtomicOp or GroupOp:
                _readsMemory = _writesMemory = true;
                break;
            case Call call:
                foreach (var target in call.Arguments.OfType<OutArgument>().Select(a => a.Target.Name))
                {
                    _reads.Add(target);
                    _writes.Add(target);
                }

                bool hasView = call.Arguments.Any(a => a is ViewArgument);
                _readsMemory |= hasView;
                _writesMemory |= hasView && WritesViews(call.Helper);
                break;
        }
    }

    private static bool WritesViews(Helper helper)
    {
        foreach (var step in Types.Statements(helper.Body))
        {
            if (step is Assign { Target: Load } or Barrier or Fence)
                return true;
            if (Types.Direct(step).SelectMany(Types.Within).Any(e => e is AtomicOp || (e is Call inner && WritesViews(inner.Helper))))
                return true;
        }

        return false;
    }
}
