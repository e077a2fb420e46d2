using MomentumCore.Layers;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Layers;

/// <summary>Training that was stopped and resumed ends at the same bits as training that was not.</summary>
[TestFixture]
internal sealed class CheckpointTests : FolderTests
{
    private string FilePath => Path.Combine(Folder, "checkpoint.safetensors");

    [Test]
    public void A_resumed_training_ends_at_the_same_bits()
    {
        using var whole = new Training(seed: 1);
        whole.Run(8);

        using var first = new Training(seed: 1);
        first.Run(3);
        first.Checkpoint.Save(FilePath, new Dictionary<string, string> { ["epoch"] = "3" });
        using var second = new Training(seed: 2);
        var counters = second.Checkpoint.Load(FilePath);
        second.Run(5);

        Assert.That(counters, Is.EquivalentTo(new Dictionary<string, string> { ["epoch"] = "3" }));
        Assert.That(second.Weights(), Is.EqualTo(whole.Weights()));
        Assert.That(second.Optimizer.LearningRate, Is.EqualTo(whole.Optimizer.LearningRate));
        Assert.That(second.Random.State, Is.EqualTo(whole.Random.State));
    }

    [Test]
    public void A_checkpoint_of_another_model_is_refused_and_changes_nothing()
    {
        using var saved = new Training(seed: 1, width: 7);
        saved.Run(1);
        saved.Checkpoint.Save(FilePath);
        using var training = new Training(seed: 2);
        training.Run(1);
        double[] before = training.Weights();
        var state = training.Random.State;

        Assert.That(
            () => training.Checkpoint.Load(FilePath),
            Throws.TypeOf<StateDictException>().With.Message.Contains("0.weight"));

        Assert.That(training.Weights(), Is.EqualTo(before));
        Assert.That(training.Random.State, Is.EqualTo(state));
    }

    [Test]
    public void A_checkpoint_of_another_optimizer_is_refused_and_changes_nothing()
    {
        using var saved = new Training(seed: 1);
        saved.Run(1);
        saved.Checkpoint.Save(FilePath);
        using var training = new Training(seed: 2);
        double[] before = training.Weights();
        using var other = new Sgd(training.Model.Parameters(), 0.1, momentum: 0.9);
        Assert.That(
            () => new Checkpoint(training.Model, other).Load(FilePath),
            Throws.ArgumentException.With.Message.Contains("Sgd"));
        Assert.That(training.Weights(), Is.EqualTo(before));
    }

    [Test]
    public void A_file_that_lacks_a_part_says_which()
    {
        using var training = new Training(seed: 1);
        new Checkpoint(training.Model).Save(FilePath);
        Assert.That(
            () => new Checkpoint(training.Model, random: training.Random).Load(FilePath),
            Throws.TypeOf<WeightFileException>().With.Message.Contains("no state of the random numbers"));
        Assert.That(
            () => new Checkpoint(training.Model, training.Optimizer, training.Schedule).Load(FilePath),
            Throws.TypeOf<WeightFileException>().With.Message.Contains("no state of a schedule"));
        Assert.That(new Checkpoint(training.Model).Load(FilePath), Is.Empty);
    }

    [Test]
    public void The_key_of_the_random_state_is_taken()
    {
        using var training = new Training(seed: 1);
        Assert.That(
            () => training.Checkpoint.Save(FilePath, new Dictionary<string, string> { ["random"] = "1" }),
            Throws.ArgumentException.With.Message.Contains("'random'"));
        Assert.That(File.Exists(FilePath), Is.False);
    }

    /// <summary>
    /// A small training with everything that has a state: dropout, batch statistics, Adam, a schedule.
    /// </summary>
    private sealed class Training : IDisposable
    {
        public Training(ulong seed, int width = 5)
        {
            Random = new RandomSource(seed);
            using var use = RandomSource.Use(Random);
            Model = new Sequential(
                new Linear(3, width), new BatchNorm1d(width), new Dropout(0.3), new Linear(width, 2));
            Optimizer = new Adam(Model.Parameters(), 0.05);
            Schedule = new StepSchedule(Optimizer, 2, 0.5);
            Checkpoint = new Checkpoint(Model, Optimizer, Schedule, Random);
        }

        public RandomSource Random { get; }

        public Sequential Model { get; }

        public Adam Optimizer { get; }

        public StepSchedule Schedule { get; }

        public Checkpoint Checkpoint { get; }

        public double[] Weights() =>
            [.. Model.Parameters().SelectMany(p => p.Values()), .. Model.Buffers().SelectMany(b => b.Values())];

        public void Run(int steps)
        {
            using var use = RandomSource.Use(Random);
            for (int step = 0; step < steps; step++)
            {
                using var scope = TensorScope.Begin();
                var loss = Model.Call(Tensor.Randn([8, 3])).Square().Mean();
                Optimizer.ZeroGradient();
                loss.Backward();
                Optimizer.Step();
                Schedule.Step();
            }
        }

        public void Dispose()
        {
            Optimizer.Dispose();
            Model.Dispose();
        }
    }
}
