using MomentumCore.Layers;
using MomentumCore.Tests.Layers.Data;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Layers.Training;

/// <summary>All parts together: a training stopped in the middle of an epoch, saved, loaded and finished.</summary>
[TestFixture]
internal sealed class ResumeTests
{
    private const int Epochs = 3;

    [TestCase(0, 1)]
    [TestCase(1, 3)]
    [TestCase(2, 0)]
    public void A_training_resumed_from_a_file_ends_with_the_bits_of_an_uninterrupted_one(int stopEpoch, int stopBatch)
    {
        using var files = new TemporaryFiles();
        using var scope = TensorScope.Begin();
        string path = files.Path("checkpoint.safetensors");
        var (points, labels) = ToyData.Rings(40, random: new RandomSource(3));
        using var data = new TensorDataset(points, labels);
        var loader = new DataLoader(data, 16, shuffle: true, seed: 11);
        using var straight = new Session();
        straight.Train(loader, 0, 0, Epochs, 0);

        using (var first = new Session())
        {
            first.Train(loader, 0, 0, stopEpoch, stopBatch);
            Safetensors.Save(path, first.State());
        }

        using var second = new Session();
        using (var saved = Safetensors.Load(path))
            second.Load(saved);
        second.Train(loader, stopEpoch, stopBatch, Epochs, 0);
        Assert.That(second.Weights(), Is.EqualTo(straight.Weights()));
        Assert.That(straight.Weights(), Is.Not.EqualTo(new Session().Weights()));
    }

    [Test]
    public void The_rings_are_learned()
    {
        using var scope = TensorScope.Begin();
        var (points, labels) = ToyData.Rings(200, noise: 0.1, random: new RandomSource(4));
        using var data = new TensorDataset(points, labels);
        using var session = new Session(rate: 0.05);
        session.Train(new DataLoader(data, 50, shuffle: true), 0, 0, 25, 0);
        using var noGrad = NoGrad.Begin();
        Assert.That(Metrics.Accuracy(session.Network.Call(points), labels), Is.GreaterThan(0.95));
    }

    /// <summary>A small network with all that its training remembers.</summary>
    private sealed class Session : IDisposable
    {
        private readonly AdamW _optimizer;
        private readonly WarmUpSchedule _schedule;

        public Session(double rate = 0.02)
        {
            using (RandomSource.Use(new RandomSource(5)))
                Network = new Sequential(new Linear(2, 16), new Tanh(), new Linear(16, 2));
            _optimizer = new AdamW(Network.Parameters(), rate, weightDecay: 0.01);
            _schedule = new WarmUpSchedule(new CosineSchedule(_optimizer, steps: 200), steps: 4);
        }

        public Sequential Network { get; }

        public void Train(DataLoader loader, int epoch, int batch, int endEpoch, int endBatch)
        {
            for (; epoch < endEpoch || (epoch == endEpoch && endBatch > 0); epoch++, batch = 0)
            {
                foreach (var part in loader.Epoch(epoch, batch))
                {
                    if (epoch == endEpoch && part.Index == endBatch)
                        return;
                    using var scope = TensorScope.Begin();
                    _optimizer.ZeroGradient();
                    Network.Call(part.Inputs).CrossEntropy(part.Targets).Backward();
                    GradientClipping.ByNorm(Network.Parameters(), maxNorm: 1);
                    _optimizer.Step();
                    _schedule.Step();
                }
            }
        }

        public Dictionary<string, Tensor> State()
        {
            var state = new Dictionary<string, Tensor>();
            foreach (var (name, tensor) in Network.StateDict())
                state[$"network.{name}"] = tensor;
            foreach (var (name, tensor) in _optimizer.StateDict())
                state[$"optimizer.{name}"] = tensor;
            foreach (var (name, tensor) in _schedule.StateDict())
                state[$"schedule.{name}"] = tensor;
            return state;
        }

        public void Load(IReadOnlyDictionary<string, Tensor> state)
        {
            Dictionary<string, Tensor> Part(string prefix) => state
                .Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
                .ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value);
            Network.LoadStateDict(Part("network."));
            _optimizer.LoadStateDict(Part("optimizer."));
            _schedule.LoadStateDict(Part("schedule."));
        }

        public double[] Weights() => [.. Network.Parameters().SelectMany(p => p.Values())];

        public void Dispose() => _optimizer.Dispose();
    }
}
