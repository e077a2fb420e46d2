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
    public void Other_threads_are_not_on_the_tape()
    {
        var source = new RandomSource(1);
        using var tape = RandomTape.Record();
        var thread = new Thread(() => source.NextDouble());
        thread.Start();
        thread.Join();
        Assert.That(tape.Starts, Is.Null);
        Assert.That(source.State.Offset, Is.EqualTo(1));
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
