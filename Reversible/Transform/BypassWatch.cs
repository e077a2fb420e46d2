using System.Collections.Concurrent;
using MomentumCore.Layers;

namespace MomentumCore.Reversible;

/// <summary>
/// Notices a transformed model whose Forward runs the layers themselves, out of an array of its own for instance, and not
/// the momentum network that took their place in the registered list: it would silently be the model it was.
/// </summary>
internal sealed class BypassWatch
{
    private readonly MomentumNet _net;

    // Several threads may run the model at once.
    private readonly ConcurrentDictionary<int, Run> _runs = [];

    private BypassWatch(MomentumNet net) => _net = net;

    private Run Current => _runs.GetOrAdd(Environment.CurrentManagedThreadId, _ => new Run());

    /// <summary>Watches the networks in a model that the transform has made and nobody watches yet.</summary>
    public static void Attach(Module model)
    {
        foreach (var (path, module) in model.NamedModules())
        {
            if (module is MomentumNet { IsTransformed: true, Watch: null, Depth: > 0 } net)
                net.Watch = new BypassWatch(net).Begin(model, path);
        }
    }

    /// <summary>The network runs.</summary>
    public void NetRuns() => Current.Net = true;

    private BypassWatch Begin(Module model, string path)
    {
        model.RegisterForwardPreHook((_, _) =>
        {
            (Current.Net, Current.First, Current.Last) = (false, false, false);
            return null;
        });
        _net.Functions[0].RegisterForwardPreHook((_, _) =>
        {
            Current.First = true;
            return null;
        });
        _net.Functions[^1].RegisterForwardPreHook((_, _) =>
        {
            Current.Last = true;
            return null;
        });
        model.RegisterForwardHook((_, _, _) =>
        {
            // One layer alone may be used elsewhere, too.
            if (!Current.First || !Current.Last || Current.Net)
                return null;
            throw new InvalidOperationException(
                $"MomentumTransform: {model.Name} ran the layers of '{path}' themselves, not the momentum network that " +
                "took their place, so it would be the model it was. Its Forward has to run through the Sequential or " +
                "ModuleList that it registered, not through an array or fields of its own that hold the layers.");
        });
        return this;
    }

    /// <summary>What ran since the model's forward began.</summary>
    private sealed class Run
    {
        public bool Net { get; set; }

        public bool First { get; set; }

        public bool Last { get; set; }
    }
}
