using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>What the image transforms share: they take [N, C, H, W], Float32 or Float64, on the CPU.</summary>
internal static class ImageBatch
{
    /// <summary>Checks the inputs of a transform.</summary>
    public static void Require(Tensor images, string transform)
    {
        if (images.Rank != 4)
            throw new ShapeException($"{transform}: wants images [N, C, H, W]; got {images.Shape}.");
        if (!images.DType.IsFloat())
            throw new DTypeException($"{transform}: wants Float32 or Float64 images; got {images.DType}.");
    }
}
