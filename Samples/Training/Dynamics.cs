using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>
/// Learns x ↦ −x³ in one dimension: every path has to cross every other, which small steps of x alone cannot do and
/// steps with a velocity can. Sander et al. 2021, section 4.1; both networks are trained alike.
/// </summary>
internal sealed class Dynamics : IDisposable
{
    /// <summary>The number of layers, all with the same f.</summary>
    public const int Depth = 15;

    private const int Hidden = 16;
    private const int PointsPerStep = 200;
    private readonly Sequential _function = new(new Linear(1, Hidden), new Tanh(), new Linear(Hidden, 1));
    private readonly MomentumNet _network;
    private readonly Device _device;
    private readonly double _gamma;

    /// <param name="gamma">0 makes it a plain residual network.</param>
    /// <param name="device">Where to compute.</param>
    public Dynamics(double gamma, Device device)
    {
        _gamma = gamma;
        _device = device;
        _network = Network(Depth);
        _network.To(device);
    }

    /// <summary>
    /// Trains with Adam on fresh points in every step; returns the mean squared error of the last one.
    /// </summary>
    public double Train(int steps, double learningRate, CancellationToken cancellation)
    {
        using var optimizer = new Adam(_network.Parameters(), learningRate);
        double error = 0;
        for (int step = 1; step <= steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = TensorScope.Begin();
            var x = ToyData.Line(PointsPerStep).To(_device);
            optimizer.ZeroGradient();
            var loss = Error(x);
            loss.Backward();
            optimizer.Step();
            error = loss.Item();
            FiniteLoss.Require(error, $"step {step}", "--lr");
        }

        return error;
    }

    /// <summary>The mean squared error over [−1, 1].</summary>
    public double Error()
    {
        using var scope = TensorScope.Begin();
        using var noGrad = NoGrad.Begin();
        return Error(Tensor.Linspace(-1, 1, 201, device: _device).Reshape(201, 1)).Item();
    }

    /// <summary>The paths of points through the layers: for each start, x after 0, 1, 2 … layers.</summary>
    public IReadOnlyList<double[]> Paths(IReadOnlyList<double> starts)
    {
        using var scope = TensorScope.Begin();
        using var noGrad = NoGrad.Begin();
        var x = Tensor.From([.. starts.Select(s => (float)s)], [starts.Count, 1], _device);
        float[][] stages =
        [
            x.ToArray<float>(),
            .. Enumerable.Range(1, Depth).Select(depth => Network(depth).Call(x).ToArray<float>()),
        ];
        return [.. starts.Select((_, i) => stages.Select(stage => (double)stage[i]).ToArray())];
    }

    public void Dispose() => _network.Dispose();

    private Tensor Error(Tensor x) => (_network.Call(x) + x.Pow(3)).Square().Mean();

    // γ = 0 cannot be run backwards, so activations are stored; the task is tiny.
    private MomentumNet Network(int depth) => MomentumNet.Repeat(_function, depth, _gamma, MemoryMode.Store);
}
