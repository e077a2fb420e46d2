using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>
/// The nested rings: a task that no chain of small invertible steps of x alone can solve, and that a momentum network
/// does. Task and settings as in the reference system's example.
/// </summary>
internal sealed class Rings : IDisposable
{
    /// <summary>γ of the momentum layers.</summary>
    public const double Gamma = 0.99;

    private const int Hidden = 16;
    private readonly Sequential _function = new(new Linear(2, Hidden), new Tanh(), new Linear(Hidden, 2));
    private readonly MomentumNet _network;
    private readonly Device _device;

    /// <summary>A new network whose one f is shared by all layers.</summary>
    public Rings(int depth, MemoryMode mode, Device device)
    {
        _device = device;
        _network = Network(depth, mode);
        _network.To(device);
        Depth = depth;
    }

    /// <summary>The momentum network.</summary>
    public MomentumNet Model => _network;

    /// <summary>The number of momentum layers.</summary>
    public int Depth { get; }

    /// <summary>Points on the two rings, the inner one first, and which ring each is on.</summary>
    public static (Tensor Points, Tensor Labels) Sample(int perRing, Device device)
    {
        var (points, labels) = ToyData.Rings(perRing);
        return (points.To(device), labels.To(device));
    }

    /// <summary>Trains with Adam on fresh points in every step.</summary>
    public void Train(
        int steps, double learningRate, IProgress<(int Step, double Loss)>? progress, CancellationToken cancellation)
    {
        using var optimizer = new Adam(_network.Parameters(), learningRate);
        for (int step = 1; step <= steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = TensorScope.Begin();
            var (points, labels) = Sample(2000, _device);
            optimizer.ZeroGradient();
            var loss = _network.Call(points).CrossEntropy(labels);
            loss.Backward();
            optimizer.Step();
            double value = loss.Item();
            FiniteLoss.Require(value, $"step {step}", "--lr");
            progress?.Report((step, value));
        }
    }

    /// <summary>The share of points that the network puts on their own ring.</summary>
    public double Accuracy(Tensor points, Tensor labels)
    {
        using var scope = TensorScope.Begin();
        using var noGrad = NoGrad.Begin();
        return _network.Call(points).ArgMax(1).Equal(labels).To(DType.Float32).Mean().Item();
    }

    /// <summary>Where the points are after each layer: first as they came, then after 1, 2 … layers.</summary>
    public IReadOnlyList<(double X, double Y)[]> Passage(Tensor points)
    {
        using var scope = TensorScope.Begin();
        using var noGrad = NoGrad.Begin();
        var stages = new List<(double X, double Y)[]> { Pairs(points) };
        for (int depth = 1; depth <= Depth; depth++)
            stages.Add(Pairs(Network(depth, MemoryMode.Store).Call(points)));
        return stages;
    }

    public void Dispose() => _network.Dispose();

    private MomentumNet Network(int depth, MemoryMode mode) => MomentumNet.Repeat(_function, depth, Gamma, mode);

    private static (double X, double Y)[] Pairs(Tensor points)
    {
        float[] values = points.ToArray<float>();
        return [.. Enumerable.Range(0, points.Shape[0]).Select(
            i => ((double)values[2 * i], (double)values[(2 * i) + 1]))];
    }
}
