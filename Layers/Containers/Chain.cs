using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>Calls modules one after the other and frees what lies between as soon as nobody needs it.</summary>
internal static class Chain
{
    /// <summary>f_n(… f_1(x, others) …, others), inside a module's Forward.</summary>
    public static Tensor Run(IEnumerable<Module> modules, Tensor x, Tensor[] others)
    {
        var scope = TensorScope.Current;
        var y = x;
        foreach (var module in modules)
        {
            var next = module.Call(y, others);
            // Only what this call made: not the input, nor what a module or a hook handed through or holds on to.
            if (!ReferenceEquals(next, y) && !ReferenceEquals(y, x) && y.Scope == scope)
                y.Dispose();
            y = next;
        }

        return y;
    }
}
