using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine;

/// <summary>
/// What was drawn on a recording is drawn again on its replay, and the sources go on as if nothing was.
/// </summary>
[TestFixture]
internal sealed class RandomTapeTests
{
    [Test]
    public void A_replay_draws_the_same_numbers_and_leaves_the_source_alone()
    {
        using var scope = TensorScope.Begin();
        var source = new RandomSource(3);
        _ = source.NextDouble();
        var (first, starts) = Recorded(() => Draw(source));
        var after = source.State;
        double[] again = Replayed(starts!, () => Draw(source));
        Assert.That(again, Is.EqualTo(first));
        Assert.That(source.State, Is.EqualTo(after));
        Assert.That(Draw(source), Is.Not.EqualTo(first));
    }

    [Test]
    public void A_recording_without_draws_is_empty() =>
        Assert.That(Recorded(() => []).Starts, Is.Null);

    [Test]
    public void Several_sources_forks_and_reseeding_are_replayed()
    {
        using var scope = TensorScope.Begin();
        RandomSource one = new(1), two = new(2);
        double[] Function()
        {
            double[] values = [.. Draw(one), .. Draw(two.Fork(5)), .. Draw(one)];
            two.State = new RandomState(9, 4);
            return [.. values, .. Draw(two), .. Draw(one.Fork(1))];
        }

        var (first, starts) = Recorded(Function);
        two.State = new RandomState(77, 0);
        one.State = new RandomState(78, 0);
        Assert.That(Replayed(starts!, Function), Is.EqualTo(first));
        Assert.That(one.State, Is.EqualTo(new RandomState(78, 0)));
        Assert.That(two.State, Is.EqualTo(new RandomState(77, 0)));
    }

    [Test]
    public void A_recording_inside_a_replay_sees_what_the_replay_plays()
    {
        using var scope = TensorScope.Begin();
        var source = new RandomSource(1);
        var (first, starts) = Recorded(() => [.. Draw(source), .. Draw(source)]);
        double[] inner = [], again = [];
        Replayed(starts!, () =>
        {
            _ = Draw(source);
            var (second, innerStarts) = Recorded(() => Draw(source));
            inner = second;
            again = Replayed(innerStarts!, () => Draw(source));
            return [];
        });
        Assert.That(inner, Is.EqualTo(first[inner.Length..]));
        Assert.That(again, Is.EqualTo(inner));
    }

    [Test]
    public void Other_threads_and_tasks_are_on_the_tape_that_they_were_started_under([Values] bool task)
    {
        var source = new RandomSource(1);
        double[] Drawn()
        {
            double[] values = [];
            if (task)
                Task.Run(() => values = Draw(source)).Wait();
            else
                OnThread(() => values = Draw(source));
            return values;
        }

        var (first, starts) = Recorded(Drawn);
        var after = source.State;
        Assert.That(Replayed(starts!, Drawn), Is.EqualTo(first));
        Assert.That(source.State, Is.EqualTo(after));
    }

    [Test]
    public void A_task_that_outlives_its_tape_draws_without_one()
    {
        var source = new RandomSource(1);
        using var go = new ManualResetEventSlim();
        Task<double> late;
        using (RandomTape.Record())
        {
            late = Task.Run(() =>
            {
                go.Wait();
                return source.NextDouble();
            });
        }

        go.Set();
        Assert.That(late.Result, Is.EqualTo(new RandomSource(1).NextDouble()));
        Assert.That(source.State.Offset, Is.EqualTo(1));
    }

    [Test]
    public void A_source_that_two_threads_or_tasks_draw_from_is_refused_and_forks_are_not()
    {
        var source = new RandomSource(1);
        var ready = source.Fork(1);
        using var tape = RandomTape.Record();
        Assert.That(() => OnThread(() => source.NextDouble()), Throws.Nothing);
        Assert.That(() => OnThread(() => ready.NextDouble()), Throws.Nothing);
        Assert.That(
            source.NextDouble,
            Throws.TypeOf<GradientException>().With.Message.Contains("Fork(n)").And.Message.Contains("MemoryMode.Store"));
        Assert.That(() => source.State = default, Throws.TypeOf<GradientException>());
        Assert.That(() => source.Fork(2).NextDouble(), Throws.Nothing);
        var first = Task.Run(() => new RandomSource(3).NextDouble());
        Assert.That(first.Result, Is.EqualTo(new RandomSource(3).NextDouble()));
    }

    private static void OnThread(Action action)
    {
        Exception? problem = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (InvalidOperationException refused)
            {
                problem = refused;
            }
        });
        thread.Start();
        thread.Join();
        if (problem != null)
            throw problem;
    }

    private static double[] Draw(RandomSource source) => Tensor.Rand([3], DType.Float64, source: source).Values();

    private static (double[] Values, IReadOnlyDictionary<RandomSource, RandomState>? Starts) Recorded(
        Func<double[]> function)
    {
        using var tape = RandomTape.Record();
        double[] values = function();
        return (values, tape.Starts);
    }

    private static double[] Replayed(IReadOnlyDictionary<RandomSource, RandomState> starts, Func<double[]> function)
    {
        using var tape = RandomTape.Play(starts);
        return function();
    }
}
