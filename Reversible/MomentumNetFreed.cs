namespace MomentumCore.Reversible;

/// <summary>What a network says that is used after it was disposed.</summary>
public sealed partial class MomentumNet
{
    /// <summary>The first parameter or buffer that was freed, or null.</summary>
    private string? FreedPart =>
        NamedParameters().Where(p => p.Parameter.IsDisposed).Select(p => $"parameter '{p.Name}'")
            .Concat(NamedBuffers().Where(b => b.Buffer.IsDisposed).Select(b => $"buffer '{b.Name}'")).FirstOrDefault();

    private static ObjectDisposedException Freed(string part, Exception problem) => new(
        $"MomentumNet: {part} was freed, by Dispose of this network or of a module that shares it, and there is nothing to " +
        "compute with; make a new network and load its weights, or dispose later.",
        problem);
}
