using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// Images times weights as one matrix product, for convolutions and their derivatives with respect to the input: rows
/// are channels of the result, columns windows of images, and k runs over the channels and taps of a group.
/// </summary>
/// <remarks>
/// The sums are those of <see cref="CpuMatMul"/>: an image of the result has the same bits in any batch, on any number
/// of threads, and whichever of the two ways to read the windows is taken.
/// </remarks>
internal static unsafe class CpuConvolution
{
    /// <summary>Tasks that keep all threads busy to the end.</summary>
    public const int EnoughTasks = 12;

    /// <summary>Computes all groups of a convolution.</summary>
    public static void Run<T, TEpilogue>(CpuDevice device, in ImageProduct<T> image, TEpilogue epilogue)
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        if (image.Columns == 0 || image.Groups == 0 || image.Rows == 0)
            return;
        if (PaddedImageBody<T, TEpilogue>.IsBetter(image))
        {
            var body = new PaddedImageBody<T, TEpilogue>(image, epilogue);
            int* offsets = (int*)device.ScratchPool.Rent(body.OffsetBytes);
            body.Prepare(offsets);
            Launch(device, image, ref body);
            device.ScratchPool.Return(offsets, body.OffsetBytes);
        }
        else
        {
            var body = new PackedImageBody<T, TEpilogue>(image, epilogue);
            Launch(device, image, ref body);
        }
    }

    private static void Launch<T, TBody>(CpuDevice device, in ImageProduct<T> image, ref TBody body)
        where T : unmanaged
        where TBody : unmanaged, IImageBody
    {
        var scratch = ScratchSlots.Rent(device, body.ScratchBytes);
        body.Scratch = scratch;
        long products = Math.Max(1, (long)image.Groups * image.Rows * image.Inner * image.Columns / body.Tasks);
        device.RunChunks(body.Tasks, (int)Math.Clamp(BlockedProduct.Small / products, 1, body.Tasks), body);
        scratch.Return(device);
    }
}
