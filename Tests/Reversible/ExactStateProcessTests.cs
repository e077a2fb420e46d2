using System.Runtime.InteropServices;
using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Samples;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>An exact state that this process saved is reversed by another, which knows the weights and the layers alone.</summary>
[TestFixture]
internal sealed class ExactStateProcessTests
{
    // The other process: loads state and weights, goes back, and differentiates from where it came to.
    private const string Reverser =
        """
        using MomentumCore.Engine;
        using MomentumCore.Layers;
        using MomentumCore.Reversible;

        using var scope = TensorScope.Begin();
        Module[] layers =
            [.. Enumerable.Range(0, DEPTH).Select(_ => new Sequential(new Linear(6, 9), new Tanh(), new Linear(9, 6)))];
        var net = new MomentumNet(layers, 0.6, MemoryMode.Exact, new Linear(6, 6));
        net.To(DType.DTYPE);
        using (var weights = Safetensors.Load(@"FOLDER/weights.safetensors"))
            net.LoadStateDict(weights);
        using var state = ExactState.Load(@"FOLDER/state.safetensors");
        var (x, v) = net.Inverse(state);
        x.RequiresGradient = true;
        var y = net.Call(x);
        (y * y).Sum().Backward();
        var found = net.NamedParameters().ToDictionary(p => p.Name, p => p.Parameter.Gradient!);
        (found["x"], found["v"], found["y"], found["dx"]) = (x.Detach(), v, y.Detach(), x.Gradient!);
        Safetensors.Save(@"FOLDER/found.safetensors", found);
        Console.WriteLine(Environment.ProcessId);
        """;

    [Test]
    public void Positions_velocities_and_gradients_are_the_same_bytes(
        [Values(DType.Float32, DType.Float64)] DType dtype, [Values(1, 60)] int depth)
    {
        using var folder = new TemporaryFolder();
        using var scope = TensorScope.Begin();
        var net = new MomentumNet(
            [.. Enumerable.Range(0, depth).Select(i => Nets.Mlp(6, 9, i, dtype))], 0.6, MemoryMode.Exact, new Linear(6, 6, dtype: dtype));
        // On the grid already, so that the position to come back to is the input itself.
        double unit = Math.ScaleB(1, dtype == DType.Float32 ? -16 : -40);
        double[] values = [.. Nets.Random([31, 6], 3).Values().Select(value => unit * Math.Round(value / unit))];
        var x = TestTensors.Make(values, [31, 6], dtype);
        x.RequiresGradient = true;
        var y = net.Call(x);
        (y * y).Sum().Backward();
        using (var state = net.ForwardExact(x))
        {
            Assert.That(state.SideBitsPerElement, Is.EqualTo((int)(depth * Math.Log2(1 / 0.6))));
            state.Save(folder["state.safetensors"]);
        }

        Safetensors.Save(folder["weights.safetensors"], net.StateDict());
        string program = Reverser.Replace("FOLDER", folder.FullPath, StringComparison.Ordinal)
            .Replace("DTYPE", $"{dtype}", StringComparison.Ordinal)
            .Replace("DEPTH", $"{depth}", StringComparison.Ordinal);
        string printed = CompiledProgram.RunAlone(program, "reverser.cs");

        Assert.That(int.Parse(printed), Is.Not.EqualTo(Environment.ProcessId), "another process");
        using var found = Safetensors.Load(folder["found.safetensors"]);
        void SameBytes(string name, Tensor expected) =>
            Assert.That(BytesOf(found[name]).AsSpan().SequenceEqual(BytesOf(expected)), name);
        SameBytes("x", x);
        SameBytes("y", y);
        SameBytes("dx", x.Gradient!);
        foreach (var (name, parameter) in net.NamedParameters())
            SameBytes(name, parameter.Gradient!);
        using var loaded = ExactState.Load(folder["state.safetensors"]);
        SameBytes("v", net.Inverse(loaded).V);
        Assert.That(found.Count, Is.EqualTo(4 + net.Parameters().Count()));
    }

    private static byte[] BytesOf(Tensor t) => t.DType == DType.Float32
        ? MemoryMarshal.AsBytes(t.ToArray<float>().AsSpan()).ToArray()
        : MemoryMarshal.AsBytes(t.ToArray<double>().AsSpan()).ToArray();
}
