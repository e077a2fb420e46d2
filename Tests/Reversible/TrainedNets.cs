using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Samples;

namespace MomentumCore.Tests.Reversible;

/// <summary>The app's rings and digits networks, trained for a moment, for what has to hold of trained networks too.</summary>
internal static class TrainedNets
{
    /// <summary>Rings that it can tell apart: the points and their classes are new to it.</summary>
    public static Rings LearntRings(MemoryMode mode, out Tensor points, out Tensor labels)
    {
        var rings = new Rings(10, mode, Device.Cpu);
        rings.Train(200, 0.01, null, CancellationToken.None);
        (points, labels) = Rings.Sample(100, Device.Cpu);
        Assert.That(rings.Accuracy(points, labels), Is.GreaterThan(0.9), "it has learnt the rings");
        return rings;
    }

    /// <summary>One epoch of digits.</summary>
    public static void Train(DigitNetwork network, DigitData data, Action? afterStep = null)
    {
        using var optimizer = new AdamW(network.Parameters(), 0.01);
        foreach (var (images, labels) in data.TrainingBatches(1, 50, 1, Device.Cpu, CancellationToken.None))
        {
            using var step = TensorScope.Begin();
            optimizer.ZeroGradient();
            network.Call(images).CrossEntropy(labels).Backward();
            optimizer.Step();
            afterStep?.Invoke();
        }
    }
}
