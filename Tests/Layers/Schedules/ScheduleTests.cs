using System.Text.Json.Nodes;
using MomentumCore.Layers;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Layers.Schedules;

/// <summary>The rates of every schedule against PyTorch, and resuming.</summary>
[TestFixture]
internal sealed class ScheduleTests
{
    private static IEnumerable<TestCaseData> Cases() => Fixture.Cases("schedules.json").Select(c =>
        new TestCaseData(c).SetArgDisplayNames($"{c!["schedule"]}", c["options"]!.ToJsonString()));

    [TestCaseSource(nameof(Cases))]
    public void Rates_and_momentum_are_those_of_PyTorch(JsonNode wanted)
    {
        using var scope = TensorScope.Begin();
        using var optimizer = MakeOptimizer(wanted);
        var schedule = Make(wanted, optimizer);
        foreach (var row in wanted["values"]!.AsArray())
        {
            TestTensors.AssertClose(
                [.. optimizer.Groups.Select(g => g.LearningRate)], row!["rates"]!.Numbers(), 1e-12, 1e-14,
                $"step {schedule.StepNumber}");
            Assert.That(
                optimizer.Groups[0].Momentum, Is.EqualTo(row["momentum"]!.GetValue<double>()).Within(1e-12),
                $"step {schedule.StepNumber}");
            schedule.Step();
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void A_resumed_schedule_has_the_same_bits(JsonNode wanted)
    {
        using var scope = TensorScope.Begin();
        using var whole = MakeOptimizer(wanted);
        using var resumed = MakeOptimizer(wanted);
        var straight = Make(wanted, whole);
        for (int step = 0; step < 3; step++)
            straight.Step();
        var optimizerState = whole.StateDict();
        var scheduleState = straight.StateDict();
        var second = Make(wanted, resumed);
        resumed.LoadStateDict(optimizerState);
        second.LoadStateDict(scheduleState);
        for (int step = 3; step < wanted["values"]!.AsArray().Count; step++)
        {
            Assert.That(second.StepNumber, Is.EqualTo(step));
            Assert.That(Settings(resumed), Is.EqualTo(Settings(whole)));
            straight.Step();
            second.Step();
        }
    }

    [Test]
    public void A_schedule_made_after_loading_starts_from_the_first_rate_and_not_from_the_current_one()
    {
        using var scope = TensorScope.Begin();
        using var first = new Sgd([Tensor.Zeros([1])], 0.5);
        var schedule = new StepSchedule(first, period: 1);
        schedule.Step();
        using var second = new Sgd([Tensor.Zeros([1])], 123);
        second.LoadStateDict(first.StateDict());
        var resumed = new StepSchedule(second, period: 1);
        resumed.LoadStateDict(schedule.StateDict());
        Assert.That(second.LearningRate, Is.EqualTo(first.LearningRate).And.EqualTo(0.05).Within(1e-15));
    }

    [Test]
    public void A_warm_up_alone_ends_at_the_full_rate()
    {
        using var scope = TensorScope.Begin();
        using var optimizer = new Sgd([Tensor.Zeros([1])], 0.5);
        var schedule = new WarmUpSchedule(optimizer, steps: 4, startFactor: 0);
        var rates = new List<double>();
        for (int step = 0; step < 6; step++)
        {
            rates.Add(optimizer.LearningRate);
            schedule.Step();
        }

        Assert.That(rates, Is.EqualTo(new[] { 0, 0.125, 0.25, 0.375, 0.5, 0.5 }));
    }

    [Test]
    public void One_cycle_keeps_its_last_rate_once_and_then_says_that_it_is_over()
    {
        using var scope = TensorScope.Begin();
        using var optimizer = new Adam([Tensor.Zeros([1])]);
        var schedule = new OneCycleSchedule(optimizer, maximumRate: 1, steps: 4);
        for (int step = 0; step < 3; step++)
            schedule.Step();
        double last = optimizer.LearningRate;
        schedule.Step();
        Assert.That(optimizer.LearningRate, Is.EqualTo(last));
        Assert.That(optimizer.Groups[0].Momentum, Is.EqualTo(0.95).Within(1e-15));
        Assert.That(schedule.Step, Throws.InvalidOperationException.With.Message.Contains("made for 4 steps"));
        Assert.That(schedule.StepNumber, Is.EqualTo(4));
    }

    [Test]
    public void A_cosine_that_has_come_down_stays_down()
    {
        using var scope = TensorScope.Begin();
        using var optimizer = new Sgd([Tensor.Zeros([1])], 0.4);
        var schedule = new CosineSchedule(optimizer, steps: 3, minimumRate: 0.1);
        var rates = new List<double>();
        for (int step = 0; step < 8; step++)
        {
            rates.Add(optimizer.LearningRate);
            schedule.Step();
        }

        Assert.That(rates, Is.EqualTo(new[] { 0.4, 0.325, 0.175, 0.1, 0.1, 0.1, 0.1, 0.1 }).Within(1e-15));
    }

    [Test]
    public void Settings_without_meaning_are_refused()
    {
        using var scope = TensorScope.Begin();
        using var optimizer = new Sgd([Tensor.Zeros([1])], 0.5);
        Assert.That(() => new StepSchedule(optimizer, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new CosineSchedule(optimizer, 5, double.NaN), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new OneCycleSchedule(optimizer, 1, 10, riseFraction: 2),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new WarmUpSchedule((Schedule)null!, 3), Throws.ArgumentNullException);
        var schedule = new StepSchedule(optimizer, 3);
        Assert.That(
            () => schedule.LoadStateDict(new Dictionary<string, Tensor>()),
            Throws.ArgumentException.With.Message.Contains("'step'"));
    }

    private static (double Rate, double Momentum)[] Settings(Optimizer optimizer) =>
        [.. optimizer.Groups.Select(g => (g.LearningRate, g.Momentum))];

    private static Sgd MakeOptimizer(JsonNode wanted) =>
        new(
            wanted["initialRates"]!.Numbers().Select(rate => new ParameterGroup([Tensor.Zeros([1])], rate)),
            0.4,
            momentum: 0.9);

    private static Schedule Make(JsonNode wanted, Optimizer optimizer)
    {
        var o = wanted["options"]!;
        int Whole(string name) => o[name]!.GetValue<int>();
        return wanted["schedule"]!.GetValue<string>() switch
        {
            "Step" => new StepSchedule(optimizer, Whole("period"), o.Option("factor", 0)),
            "MultiStep" => new MultiStepSchedule(
                optimizer, o["milestones"]!.AsArray().Select(m => m!.GetValue<int>()), o.Option("factor", 0)),
            "Cosine" => new CosineSchedule(optimizer, Whole("steps"), o.Option("minimumRate", 0)),
            "OneCycle" => new OneCycleSchedule(
                optimizer, o.Option("maximumRate", 0), Whole("steps"), o.Option("riseFraction", 0.3),
                o.Option("div", 25),
                o.Option("finalDiv", 1e4)),
            "WarmUpStep" => new WarmUpSchedule(
                new StepSchedule(optimizer, Whole("period"), o.Option("factor", 0)), Whole("warmUp"),
                o.Option("startFactor", 0)),
            "WarmUpCosine" => new WarmUpSchedule(
                new CosineSchedule(optimizer, Whole("steps")), Whole("warmUp"), o.Option("startFactor", 0)),
            var other => throw new InvalidOperationException(other),
        };
    }
}
