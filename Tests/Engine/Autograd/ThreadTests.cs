using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Autograd;

/// <summary>
/// Several threads over one set of parameters and over one graph. Values are small whole numbers where sums have to be
/// exact in whatever order they are added.
/// </summary>
[TestFixture]
internal sealed class ThreadTests
{
    private const int Threads = 4;

    [Test]
    public void Backward_passes_of_several_threads_add_up_in_shared_parameters()
    {
        const int Rounds = 200;
        var w = Leaf([2, 3]);
        var b = Leaf([3]);
        Together(thread =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                using var scope = TensorScope.Begin();
                var x = Tensor.Full([5, 2], thread + 1, DType.Float64);
                (x.MatMul(w) + b).Sum().Backward();
            }
        });

        Assert.That(w.Gradient!.Values(), Is.All.EqualTo(Rounds * 5 * (1 + 2 + 3 + 4)));
        Assert.That(b.Gradient!.Values(), Is.All.EqualTo(Rounds * 5 * Threads));
    }

    [Test]
    public void One_graph_serves_backward_passes_of_several_threads_when_all_retain_it()
    {
        using var scope = TensorScope.Begin();
        var x = Leaf([64]);
        var y = Chain(x, 30).Sum();
        double[] once = Gradients.Of([y], [x], retainGraph: true)[0].Values();
        Together(thread =>
        {
            for (int round = 0; round < 25; round++)
            {
                using var inner = TensorScope.Begin();
                y.Backward(retainGraph: true);
                // A thread that records its derivative, beside others that do not.
                var again = Gradients.Of([y], [x], createGraph: thread % 2 == 0, retainGraph: true)[0];
                Assert.That(again.Values(), Is.EqualTo(once));
            }
        });

        Assert.That(x.Gradient!.Values(), Is.EqualTo(once.Select(g => 25 * Threads * g)));
    }

    [Test]
    public void Of_threads_that_do_not_retain_the_graph_one_gets_the_gradient_and_the_others_an_error()
    {
        for (int round = 0; round < 20; round++)
        {
            using var scope = TensorScope.Begin();
            var x = Leaf([64]);
            double[] wanted = Gradients.Of(Chain(x, 10).Sum(), x)[0].Values();
            var slow = new SlowOp();
            var y = slow.Apply(Chain(x, 10).Sum());
            int got = 0, refused = 0;
            Together(_ =>
            {
                try
                {
                    Assert.That(Gradients.Of(y, x)[0].Values(), Is.EqualTo(wanted));
                    Interlocked.Increment(ref got);
                }
                catch (GradientException error) when (error.Message.Contains("retainGraph", StringComparison.Ordinal))
                {
                    Interlocked.Increment(ref refused);
                }
            });

            Assert.That((got, refused), Is.EqualTo((1, Threads - 1)));
            Assert.That(slow.MostAtOnce, Is.EqualTo(1), "threads take turns in an operation");
        }
    }

    [Test]
    public void A_momentum_network_is_trained_by_several_threads_at_once([Values] MemoryMode mode)
    {
        var net = Nets.Deep(4, 0.9, mode, velocity: true);
        Tensor[] inputs = [.. Enumerable.Range(0, Threads).Select(i => Nets.Random([6, 3], i))];
        foreach (var x in inputs)
            Step(x);
        double[][] wanted = [.. net.Parameters().Select(p => p.Gradient!.Values())];
        net.ZeroGradient();
        Together(thread => Step(inputs[thread]));
        Nets.AssertSame([.. net.Parameters().Select(p => p.Gradient!.Values())], wanted, 1e-12);

        void Step(Tensor x)
        {
            using var scope = TensorScope.Begin();
            var y = net.Call(x);
            (y * y).Sum().Backward();
        }
    }

    [Test]
    public void Replicas_over_one_memory_see_one_update_and_keep_their_own_gradients()
    {
        using var scope = TensorScope.Begin();
        var owner = Nets.Mlp(3, 5, 1);
        Sequential[] replicas =
            [.. Enumerable.Range(0, Threads).Select(i => (Sequential)Nets.Mlp(3, 5, 50 + i).ShareMemory(owner))];
        using var optimizer = new Sgd(owner.Parameters(), 0.1, momentum: 0.9);
        for (int step = 0; step < 3; step++)
        {
            int seed = 10 * step;
            Together(thread => replicas[thread].Call(Nets.Random([4, 3], seed + thread)).Square().Sum().Backward());
            // Summed in the order of the replicas: the same bits whichever thread was first.
            double[][] sums = [.. owner.Parameters().Select((p, i) => SumOf(replicas, i, p))];
            Assert.That(
                owner.Call(Nets.Random([4, 3], 9)).Values(),
                Is.EqualTo(replicas[3].Call(Nets.Random([4, 3], 9)).Values()));
            foreach (var (parameter, sum) in owner.Parameters().Zip(sums))
                parameter.SetGradient(TestTensors.Make(sum, parameter.Shape, parameter.DType));
            optimizer.Step();
            foreach (var replica in replicas)
                replica.ZeroGradient();
        }

        // The same three steps with all batches in one, on a network that shares nothing.
        var alone = Nets.Mlp(3, 5, 1);
        using var second = new Sgd(alone.Parameters(), 0.1, momentum: 0.9);
        for (int step = 0; step < 3; step++)
        {
            second.ZeroGradient();
            var x = Tensor.Concat([.. Enumerable.Range(0, Threads).Select(i => Nets.Random([4, 3], (10 * step) + i))]);
            alone.Call(x).Square().Sum().Backward();
            second.Step();
        }

        foreach (var (shared, single) in replicas[2].Parameters().Zip(alone.Parameters()))
            TestTensors.AssertClose(shared.Values(), single.Values(), 1e-12, 1e-12, "weights");

        static double[] SumOf(Sequential[] replicas, int index, Parameter parameter)
        {
            double[] sum = new double[parameter.Count];
            foreach (var replica in replicas)
                sum = [.. sum.Zip(replica.Parameters().ElementAt(index).Gradient!.Values(), (a, b) => a + b)];
            return sum;
        }
    }

    [Test]
    public void Attention_runs_in_several_threads_at_once()
    {
        double[][] wanted = [.. Enumerable.Range(0, Threads).Select(Run)];
        double[][] actual = new double[Threads][];
        Together(thread => actual[thread] = Run(thread));
        Assert.That(actual, Is.EqualTo(wanted));

        static double[] Run(int seed)
        {
            using var scope = TensorScope.Begin();
            var q = Nets.Random([4, 200, 8], seed, requiresGradient: true);
            var (k, v) = (Nets.Random([4, 300, 8], seed + 10), Nets.Random([4, 300, 8], seed + 20));
            Tensor.Attention(q, k, v, isCausal: true).Square().Sum().Backward();
            return q.Gradient!.Values();
        }
    }

    /// <summary>The identity, with a derivative in which threads would meet if they could.</summary>
    private sealed class SlowOp : Op
    {
        private int _inside;

        public int MostAtOnce { get; private set; }

        protected override Tensor Forward(Tensor[] inputs) => inputs[0].Clone();

        protected override Tensor?[] Backward(Tensor outputGradient)
        {
            int inside = Interlocked.Increment(ref _inside);
            Thread.Sleep(5);
            MostAtOnce = Math.Max(MostAtOnce, inside);
            Interlocked.Decrement(ref _inside);
            return [outputGradient];
        }
    }

    private static Tensor Leaf(Shape shape)
    {
        var leaf = Tensor.Ones(shape, DType.Float64);
        leaf.RequiresGradient = true;
        return leaf;
    }

    /// <summary>Operations that keep their inputs, with whole derivatives.</summary>
    private static Tensor Chain(Tensor x, int length)
    {
        var y = x;
        for (int i = 0; i < length; i++)
            y = (y * y) - (y * 0) + Tensor.Zeros(x.Shape, x.DType);
        return y;
    }

    /// <summary>Runs the work on threads that start it at the same time; what one throws comes out.</summary>
    private static void Together(Action<int> work)
    {
        using var start = new Barrier(Threads);
        var tasks = Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                work(thread);
            },
            TaskCreationOptions.LongRunning)).ToArray();
        Task.WaitAll(tasks);
    }
}
