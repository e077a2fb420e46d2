using System.Text.Json.Nodes;
using MomentumCore.Layers;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Layers;

/// <summary>Modules hold and compute what PyTorch's do: names, values, gradients, running statistics.</summary>
[TestFixture]
internal sealed class LayerParityTests
{
    private static readonly int[] Hidden = [1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1];

    private static IEnumerable<TestCaseData> Cases() =>
        Fixture.Cases("layers.json")
            .Select(c => new TestCaseData(c!).SetArgDisplayNames(c!["name"]!.GetValue<string>()));

    [TestCaseSource(nameof(Cases))]
    public void A_module_holds_and_computes_what_it_does_in_PyTorch(JsonNode test)
    {
        using var scope = TensorScope.Begin();
        using var module = Make(test["name"]!.GetValue<string>()).Double().Train(test["train"]!.GetValue<bool>());
        var state = module.StateDict();
        Assert.That(
            state.Select(s => $"{s.Key} {s.Value.Shape}"), Is.EqualTo(test["state"]!.AsArray().Select(NameAndShape)));
        Fill(state);
        Tensor[] inputs = [.. test["inputs"]!.AsArray().Select((input, i) => Input(input!, i))];

        Tensor output = null!;
        for (int pass = 0; pass < test["passes"]!.GetValue<int>(); pass++)
            output = Call(test["name"]!.GetValue<string>(), module, inputs);
        output.Backward(Wave(output.Shape, 99));

        AssertClose(output, test["output"]!, "output");
        for (int i = 0; i < inputs.Length; i++)
        {
            if (test["inputGradients"]![i] is { } gradient)
                AssertClose(inputs[i].Gradient!, gradient, $"gradient of input {i}");
        }

        var gradients = test["gradients"]!.AsObject();
        Assert.That(
            module.NamedParameters().Where(p => p.Parameter.Gradient != null).Select(p => p.Name),
            Is.EqualTo(gradients.Select(g => g.Key)));
        foreach (var (name, parameter) in module.NamedParameters())
            AssertClose(parameter.Gradient!, gradients[name]!, $"gradient of {name}");
        foreach (var (name, buffer) in module.NamedBuffers())
            AssertClose(buffer, test["buffers"]![name]!, name);
    }

    private static Tensor Call(string name, Module module, Tensor[] x) => (name, module) switch
    {
        ("attention, hidden", _) => module.Call(x[0], x[1], x[2], Tensor.From(Hidden, [3, 5])),
        ("attention, added", _) => module.Call(x[0], x[1], x[2], Wave([4, 3, 5], 7)),
        ("attention, padding", MultiheadAttention m) => m.Attend(x[0], x[1], x[2], keyMask: Padding()),
        ("attention, hidden and padding", _) => module.Call(x[0], x[1], x[2], Tensor.From(Hidden, [3, 5]), Padding()),
        ("attention, causal", MultiheadAttention m) => m.Attend(x[0], x[1], x[2], isCausal: true),
        _ => module.Call(x[0], x[1..]),
    };

    private static Module Make(string name) => name switch
    {
        "linear" => new Linear(4, 3),
        "convolution" => new Conv2d(2, 4, (3, 2), (2, 1), (1, 0), (1, 2), 2),
        "transposed convolution" => new ConvTranspose2d(4, 2, 3, 2, 1, 1, 2),
        "batch norm 1d, training" or "batch norm 1d, sequences" => new BatchNorm1d(3),
        "batch norm 1d, mean of all batches" => new BatchNorm1d(3, momentum: null),
        "batch norm 2d, training" => new BatchNorm2d(2, eps: 1e-3, momentum: 0.3),
        "batch norm 2d, evaluation" => new BatchNorm2d(2),
        "batch norm 2d, no statistics, evaluation" => new BatchNorm2d(2, trackRunningStatistics: false),
        "layer norm" => new LayerNorm([2, 3]),
        "group norm" => new GroupNorm(2, 4),
        "instance norm" => new InstanceNorm2d(2, affine: true),
        "embedding" => new Embedding(5, 3),
        "embedding with padding" => new Embedding(5, 3, paddingIndex: 4),
        "chain" or "chain, evaluation" => new Sequential(
            new Conv2d(2, 4, 3, padding: 1),
            new BatchNorm2d(4),
            new Relu(),
            new MaxPool2d(2),
            new Conv2d(4, 4, 3, padding: 1, groups: 2),
            new GroupNorm(2, 4),
            new Gelu(),
            new AvgPool2d(2),
            new Flatten(),
            new LayerNorm(4),
            new Linear(4, 3),
            new LogSoftmax(1)),
        "residual network" => new Network(),
        "attention, batch first" => new MultiheadAttention(4, 2, batchFirst: true),
        "attention, no batch, no bias" => new MultiheadAttention(4, 2, bias: false),
        _ when name.StartsWith("attention", StringComparison.Ordinal) => new MultiheadAttention(4, 2),
        _ => throw new ArgumentException($"The fixture has an unknown module '{name}'."),
    };

    private static Tensor Padding() => Tensor.From([1, 1, 1, 0, 0, 1, 1, 1, 1, 1], [2, 5]);

    private static void Fill(Dictionary<string, Tensor> state)
    {
        foreach (var ((name, tensor), seed) in state.Select((s, seed) => (s, seed)))
        {
            if (tensor.DType == DType.Float64)
                tensor.CopyFrom(
                    Wave(tensor.Shape, seed) + (name.EndsWith("running_var", StringComparison.Ordinal) ? 1.5 : 0));
        }
    }

    private static Tensor Input(JsonNode input, int position)
    {
        if (input["indices"]?.AsArray() is { } rows)
        {
            long[] indices = [.. rows.SelectMany(r => r!.AsArray()).Select(n => n!.GetValue<long>())];
            return Tensor.From(indices, [rows.Count, indices.Length / rows.Count]);
        }

        var x = Wave([.. input["shape"]!.Numbers().Select(n => (int)n)], 50 + position);
        x.RequiresGradient = true;
        return x;
    }

    /// <summary>The same formula as in the script.</summary>
    private static Tensor Wave(Shape shape, int seed) => Tensor.From(
        [.. Enumerable.Range(0, shape.ElementCount).Select(k => 0.8 * Math.Sin((1.7 * k) + (0.9 * seed) + 0.3))],
        shape);

    private static string NameAndShape(JsonNode? entry) =>
        $"{entry![0]!.GetValue<string>()} [{string.Join(", ", entry[1]!.Numbers())}]";

    private static void AssertClose(Tensor actual, JsonNode expected, string what) =>
        TestTensors.AssertClose(actual.Values(), expected.Numbers(), 1e-9, 1e-9, what);

    /// <summary>The basic block of a residual network, named as torchvision names it.</summary>
    private sealed class Block : Module
    {
        private readonly Module _conv1, _bn1, _conv2, _bn2, _downsample;

        public Block(int inputs, int outputs, int stride)
        {
            _conv1 = RegisterModule("conv1", new Conv2d(inputs, outputs, 3, stride, 1, bias: false));
            _bn1 = RegisterModule("bn1", new BatchNorm2d(outputs));
            _conv2 = RegisterModule("conv2", new Conv2d(outputs, outputs, 3, 1, 1, bias: false));
            _bn2 = RegisterModule("bn2", new BatchNorm2d(outputs));
            _downsample = RegisterModule(
                "downsample",
                new Sequential(new Conv2d(inputs, outputs, 1, stride, bias: false), new BatchNorm2d(outputs)));
        }

        protected override Tensor Forward(Tensor x)
        {
            var y = _bn2.Call(_conv2.Call(_bn1.Call(_conv1.Call(x)).Relu()));
            return (y + _downsample.Call(x)).Relu();
        }
    }

    /// <summary>A residual network in miniature.</summary>
    private sealed class Network : Module
    {
        private readonly Module _conv1, _bn1, _layer1, _avgpool, _fc;

        public Network()
        {
            _conv1 = RegisterModule("conv1", new Conv2d(1, 2, 3, 1, 1, bias: false));
            _bn1 = RegisterModule("bn1", new BatchNorm2d(2));
            _layer1 = RegisterModule("layer1", new Sequential(new Block(2, 3, 2)));
            _avgpool = RegisterModule("avgpool", new AdaptiveAvgPool2d(1));
            _fc = RegisterModule("fc", new Linear(3, 2));
        }

        protected override Tensor Forward(Tensor x)
        {
            x = _layer1.Call(_bn1.Call(_conv1.Call(x)).Relu());
            return _fc.Call(_avgpool.Call(x).Flatten(1));
        }
    }
}
