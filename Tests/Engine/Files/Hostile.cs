using System.Diagnostics;

namespace MomentumCore.Tests.Engine.Files;

/// <summary>Opens a file that may be hostile: it has to load or be refused, in bounded memory and time.</summary>
internal static class Hostile
{
    private const long FreeBytes = 48 << 20;
    private const int MostSeconds = 20;

    /// <summary>Loads and inspects; what loads is read to its last element, so that a view beyond its memory shows.</summary>
    /// <returns>The error, or null when the file loads.</returns>
    public static WeightFileException? Open(string path, string what)
    {
        long live = Device.Cpu.Memory.LiveBytes, fileBytes = new FileInfo(path).Length;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        Device.Cpu.Memory.ResetPeak();
        var clock = Stopwatch.StartNew();
        WeightFileException? error = null;
        try
        {
            using var file = WeightFile.Load(path);
            // The widest widening is from one byte to four.
            long peak = Device.Cpu.Memory.PeakBytes - live;
            Assert.That(peak, Is.LessThan(FreeBytes + (8 * fileBytes)), $"{what}: bytes of tensors");
            foreach (var tensor in file.Values)
                RequireInside(tensor, what);
        }
        catch (WeightFileException problem)
        {
            error = problem;
        }

        try
        {
            WeightFile.Inspect(path);
        }
        catch (WeightFileException)
        {
            // What cannot be loaded may be well described, or not; what loads is described.
            Assert.That(error, Is.Not.Null, $"{what}: it loads and cannot be inspected");
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        using (Assert.EnterMultipleScope())
        {
            // Tensors that other tests left may go meanwhile.
            Assert.That(Device.Cpu.Memory.LiveBytes, Is.LessThanOrEqualTo(live), $"{what}: tensors left over");
            Assert.That(allocated, Is.LessThan(FreeBytes + (400 * fileBytes)), $"{what}: managed bytes");
            Assert.That(clock.Elapsed.TotalSeconds, Is.LessThan(MostSeconds), $"{what}: seconds");
        }

        return error;
    }

    /// <summary>The first and the last element that a tensor shows lie in its memory.</summary>
    private static void RequireInside(Tensor tensor, string what)
    {
        if (tensor.Count == 0)
            return;
        Int128 last = tensor.Offset;
        for (int axis = 0; axis < tensor.Rank; axis++)
            last += (Int128)(tensor.Shape[axis] - 1) * tensor.Strides[axis];
        Assert.That(last < tensor.Storage.Bytes / tensor.DType.Size(), Is.True, $"{what}: {tensor.Shape} reaches out of its memory");
        if (tensor.Count < 100_000)
            WeightFixtures.Bits(tensor);
    }
}
