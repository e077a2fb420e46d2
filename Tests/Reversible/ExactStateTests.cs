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

    [TestCase("w", "the tensor 'w' is Int32 [2, 5], and beside x, Float32 [7, 5], Int32 [7, 5] was wanted")]
    [TestCase("w of floats", "the tensor 'w' is Float32")]
    [TestCase("x of another shape", "the tensor 'w' is Int32 [7, 5]")]
    [TestCase("x of whole numbers", "no network writes such a state")]
    [TestCase("no x", "the tensor 'x' is missing")]
    [TestCase("short planes", "the tensor 'side.2' is Int32 [1, 1], and Int32 [1, 2] was wanted")]
    [TestCase("planes of floats", "the tensor 'side.2' is Float32")]
    [TestCase("planes without axes", "the tensor 'side.2' has the shape")]
    [TestCase("more planes", "the tensor 'side.2' is Int32 [3, 2]")]
    [TestCase("fewer pushes", "it has 3 sets of side bits, and its gammas make 20")]
    [TestCase("pushes below 0", "'pushes' is '-1'")]
    [TestCase("pushes no number", "'pushes' is 'x'")]
    [TestCase("no pushes", "'pushes' is missing")]
    [TestCase("no residual", "'residual' is missing")]
    [TestCase("residual 7", "'residual' is '7'")]
    [TestCase("fraction bits", "'fraction_bits' is '51'")]
    [TestCase("fraction bits beyond Float32", "30 fraction bits")]
    [TestCase("gammas of floats", "the tensor 'gammas' is Float32")]
    [TestCase("gammas not numbers", "holds NaN")]
    [TestCase("tiny gamma", "no network writes such a state")]
    [TestCase("side bit", "it is damaged")]
    [TestCase("w bit", "it is damaged")]
    [TestCase("x NaN", "it is damaged")]
    [TestCase("gamma bit", "it is damaged")]
    [TestCase("other residual", "it is damaged")]
    [TestCase("first hash", "it is damaged")]
    public void A_file_that_is_not_what_was_written_is_refused_and_leaks_nothing(string damage, string problem)
    {
        using var folder = new TemporaryFolder();
        using var scope = TensorScope.Begin();
        string path = folder["state.safetensors"];
        var net = Nets.Deep(20, 0.5, MemoryMode.Store, width: 5, dtype: DType.Float32);
        using (var state = net.ForwardExact(Nets.Random([7, 5], 1, dtype: DType.Float32)))
            state.Save(path);
        using (var file = Safetensors.Load(path))
        {
            var tensors = file.Keys.ToDictionary(name => name, name => file[name].Clone());
            var metadata = new Dictionary<string, string>(file.Metadata);
            Damage(damage, tensors, metadata);
            Safetensors.Save(path, tensors, metadata);
        }

        var device = new CpuDevice(1);
        Assert.That(
            () => ExactState.Load(path, device),
            Throws.TypeOf<WeightFileException>().With.Message.Contains(path).And.Message.Contains(problem));
        Assert.That(device.Memory.LiveBytes, Is.Zero);
    }

    [Test]
    public void Inverse_notices_weights_and_states_that_are_not_what_they_were([Values("weight", "side bits", "position")] string change)
    {
        using var scope = TensorScope.Begin();
        var net = Nets.Deep(20, 0.5, MemoryMode.Store, dtype: DType.Float32);
        using var state = net.ForwardExact(Nets.Random([7, 3], 1, dtype: DType.Float32));
        net.Inverse(state);
        using (NoGrad.Begin())
        {
            if (change == "weight")
                net.Parameters().First().Fill(0.3);
            else if (change == "side bits")
                state.Side.Planes[7]!.AsSpan<int>()[0] ^= 4;
            else
                state.X.Fill(0.25);
        }

        Assert.That(() => net.Inverse(state), Throws.TypeOf<ReversalException>().With.Message.Contains("weights").And.Message.Contains("damaged"));
    }

    [Test]
    public void A_disposed_state_and_one_of_no_elements()
    {
        using var scope = TensorScope.Begin();
        var net = Nets.Deep(3, 0.5, MemoryMode.Store, dtype: DType.Float32);
        var state = net.ForwardExact(Tensor.Zeros([0, 3]));
        Assert.That(net.Inverse(state).X.Shape, Is.EqualTo(new[] { 0, 3 }));
        state.Dispose();
        Assert.That(() => net.Inverse(state), Throws.TypeOf<ObjectDisposedException>());
    }

    private static void Damage(string damage, Dictionary<string, Tensor> tensors, Dictionary<string, string> metadata)
    {
        switch (damage)
        {
            case "w": tensors["w"] = tensors["w"].Slice(0, 0, 2).Clone(); break;
            case "w of floats": tensors["w"] = tensors["x"].Clone(); break;
            case "x of another shape": tensors["x"] = tensors["x"].Slice(0, 0, 2).Clone(); break;
            case "x of whole numbers": tensors["x"] = tensors["w"].Clone(); break;
            case "no x": tensors.Remove("x"); break;
            case "short planes": tensors["side.2"] = Tensor.Zeros([1, 1], DType.Int32); break;
            case "planes of floats": tensors["side.2"] = Tensor.Zeros([1, 2]); break;
            case "planes without axes": tensors["side.2"] = Tensor.Zeros([], DType.Int32); break;
            case "more planes": tensors["side.2"] = Tensor.Zeros([3, 2], DType.Int32); break;
            case "fewer pushes": metadata["pushes"] = "3"; break;
            case "pushes below 0": metadata["pushes"] = "-1"; break;
            case "pushes no number": metadata["pushes"] = "x"; break;
            case "no pushes": metadata.Remove("pushes"); break;
            case "no residual": metadata.Remove("residual"); break;
            case "residual 7": metadata["residual"] = "7"; break;
            case "fraction bits": metadata["fraction_bits"] = "51"; break;
            case "fraction bits beyond Float32": metadata["fraction_bits"] = "30"; break;
            case "gammas of floats": tensors["gammas"] = Tensor.Full([20], 0.5); break;
            case "gammas not numbers": tensors["gammas"].Fill(double.NaN); break;
            case "tiny gamma": tensors["gammas"].AsSpan<double>()[3] = 1e-12; break;
            case "side bit": tensors["side.2"].AsSpan<int>()[0] ^= 4; break;
            case "w bit": tensors["w"].AsSpan<int>()[0] ^= 1 << 20; break;
            case "x NaN": tensors["x"].Fill(double.NaN); break;
            case "gamma bit": tensors["gammas"].AsSpan<double>()[5] = Math.BitDecrement(0.5); break;
            case "other residual": metadata["residual"] = "False"; break;
            default: metadata["first_hash"] = "7"; break;
        }
    }
}
