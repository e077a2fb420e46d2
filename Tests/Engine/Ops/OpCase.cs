using System.Reflection;

namespace MomentumCore.Tests.Engine.Ops;

/// <summary>Finds every operation of the engine and the examples it lists.</summary>
internal sealed record OpCase(Type Op, OpExample Example)
{
    public static IEnumerable<Type> AllOps { get; } =
        [.. typeof(Tensor).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Function)) && !t.IsAbstract).OrderBy(t => t.Name)];

    public static IEnumerable<OpCase> All { get; } =
        [.. AllOps.Where(t => t.IsAssignableTo(typeof(IOpExamples))).SelectMany(t => ExamplesOf(t).Select(e => new OpCase(t, e)))];

    public static IEnumerable<OpCase> Differentiable { get; } =
        [.. All.Where(c => !c.Op.IsSubclassOf(typeof(OpWithoutDerivative)) && c.Example.CheckDerivative)];

    public string Name => Op.Name[..^2];

    /// <summary>Random values for the inputs, the same on every call.</summary>
    public double[][] Values()
    {
        var random = new Random(StableHash(ToString()));
        return [.. Example.Inputs.Select(i => i.Fill(random, i.Shape.ElementCount))];
    }

    /// <summary>The inputs as tensors of an element type; index inputs are Int64.</summary>
    public Tensor[] Inputs(double[][] values, DType dtype, Device device, bool contiguous = true) =>
        [.. Example.Inputs.Select((input, i) => contiguous
            ? Support.TestTensors.Make(values[i], input.Shape, input.IsIndex ? DType.Int64 : dtype, device)
            : Support.TestTensors.MakeNonContiguous(
                values[i], input.Shape, input.IsIndex ? DType.Int64 : dtype, device))];

    public override string ToString() => $"{Name} ({Example.Label})";

    private static IEnumerable<OpExample> ExamplesOf(Type op) =>
        (IEnumerable<OpExample>)op.GetProperty(
            nameof(IOpExamples.Examples), BindingFlags.Static | BindingFlags.Public)!.GetValue(null)!;

    private static int StableHash(string text) => text.Aggregate(17, (hash, c) => unchecked((hash * 31) + c));
}
