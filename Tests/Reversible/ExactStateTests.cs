using MomentumCore.Reversible;
using MomentumCore.Tests.Samples;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>The exact state comes back to the input bit for bit, here and out of a file.</summary>
[TestFixture]
internal sealed class ExactStateTests
{
    [Test]
    public void Inverse_of_the_exact_state_gives_the_very_input([Values] bool velocity, [Values] bool isResidual, [Values(DType.Float32, DType.Float64)] DType dtype)
    {
        using var scope = TensorScope.Begin();
        var net = Nets.Deep(60, 0.7, MemoryMode.Store, velocity: velocity, isResidual: isResidual, dtype: dtype);
        var x = Nets.Random([5, 3], 1, dtype: dtype);
        using var state = net.ForwardExact(x);
        Assert.That(state.SideBitsPerElement, Is.EqualTo((int)(60 * Math.Log2(1 / 0.7))));
        for (int again = 0; again < 2; again++)
        {
            var (first, v) = net.Inverse(state);
            double unit = Math.ScaleB(1, -state.FractionBits);
            Assert.That(first.Values(), Is.EqualTo(x.Values().Select(value => unit * Math.Round(value / unit))));
            if (!velocity)
                Assert.That(v.Values(), Is.All.Zero);
            else
                TestTensors.AssertClose(v.Values(), net.InitialVelocity!.Call(x).Values(), 1e-6, 1e-6, "velocity");
        }

        net.Memory = MemoryMode.Exact;
        Assert.That(net.Call(x).Values(), Is.EqualTo(state.X.Values()));
    }

    [Test]
    public void A_saved_state_is_reversed_by_another_network_of_the_same_weights()
    {
        using var folder = new TemporaryFolder();
        using var scope = TensorScope.Begin();
        string path = folder["state.safetensors"];
        var x = Nets.Random([5, 3], 1, dtype: DType.Float32);
        double[] expected;
        using (var net = Nets.Deep(40, 0.6, MemoryMode.Store, dtype: DType.Float32))
        {
            using var state = net.ForwardExact(x);
            state.Save(path);
            expected = net.Inverse(state).X.Values();
        }

        using var loaded = ExactState.Load(path);
        using var other = Nets.Deep(40, 0.6, MemoryMode.Exact, dtype: DType.Float32);
        Assert.That(other.Inverse(loaded).X.Values(), Is.EqualTo(expected));
        using var wrong = Nets.Deep(40, 0.7, MemoryMode.Exact, dtype: DType.Float32);
        Assert.That(() => wrong.Inverse(loaded), Throws.ArgumentException.With.Message.Contains("other gammas"));
        using var shorter = Nets.Deep(39, 0.6, MemoryMode.Exact, dtype: DType.Float32);
        Assert.That(() => shorter.Inverse(loaded), Throws.ArgumentException.With.Message.Contains("40 layers").And.Message.Contains("39"));
    }

    [Test]
    public void A_file_of_something_else_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var scope = TensorScope.Begin();
        string path = folder["weights.safetensors"];
        Safetensors.Save(path, new Dictionary<string, Tensor> { ["x"] = Tensor.Ones([2]) });
        Assert.That(() => ExactState.Load(path), Throws.TypeOf<WeightFileException>().With.Message.Contains("no exact state"));
    }

    [Test]
    public void A_state_leaks_nothing_also_where_forward_fails()
    {
        var device = new CpuDevice(1);
        bool fails = false;
        var net = MomentumNet.Repeat(new Lambda(x => fails ? throw new InvalidOperationException("no") : x.Sin()), 9, 0.5);
        using var x = Nets.Random([32], 1, dtype: DType.Float32, device: device);
        long before = device.Memory.LiveBytes;
        using (net.ForwardExact(x))
            Assert.That(device.Memory.LiveBytes - before, Is.EqualTo((2 * 4 * 32) + (9 * 4)), "x, w and nine bits an element");
        fails = true;
        Assert.That(() => net.ForwardExact(x), Throws.InvalidOperationException);
        Assert.That(device.Memory.LiveBytes, Is.EqualTo(before));
    }
}
