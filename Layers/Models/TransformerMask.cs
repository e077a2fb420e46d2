using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Layers;

/// <summary>
/// Masks for Transformers: who may look at whom. Int32: 1 where a query may look, 0 where not (PyTorch's boolean masks
/// are the other way round); float: added to the scores.
/// </summary>
public static class TransformerMask
{
    /// <summary>Each place sees itself and those before it: Int32 [size, size], 1 on and below the diagonal.</summary>
    public static Tensor Causal(int size, Device? device = null) =>
        Tensor.Ones([size, size], DType.Int32, device).Tril(0);

    /// <summary>
    /// Stands for a mask that is left out where others follow it in a list of inputs: a tensor of shape [0].
    /// </summary>
    public static Tensor None(Device? device = null) => Tensor.Zeros([0], DType.Int32, device);

    /// <summary>Inputs in a row, what is missing between them replaced, what is missing at the end left out.</summary>
    internal static Tensor[] Pack(Device device, params ReadOnlySpan<Tensor?> inputs)
    {
        int count = inputs.Length;
        while (count > 0 && inputs[count - 1] is null)
            count--;
        var packed = new Tensor[count];
        for (int i = 0; i < count; i++)
            packed[i] = inputs[i] ?? None(device);
        return packed;
    }

    /// <summary>The mask at a position of a list of inputs, or null.</summary>
    internal static Tensor? At(Tensor[] inputs, int position) =>
        position < inputs.Length && inputs[position] is { } mask && mask.Shape != Shape.Create([0]) ? mask : null;

    /// <summary>The list has no more inputs than the module knows.</summary>
    internal static void RequireCount(Tensor[] others, int least, int most, Module module, string known)
    {
        if (others.Length < least || others.Length > most)
        {
            throw new ArgumentException(
                $"{module.Name}: takes ({known}), the masks optional; got {1 + others.Length} tensors.",
                nameof(others));
        }
    }
}
