using System.Globalization;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Engine;

/// <summary>Checks an operation in every element type and memory layout of one shape after the other.</summary>
internal sealed class OperationCheck(
    Func<Tensor[], Tensor> operation, KernelComparison comparison, double low, double high)
{
    /// <summary>Elements up to which every single one is moved for central differences.</summary>
    private const int SingleElements = 64;

    /// <summary>
    /// How far Float32 may lie from Float64, as a part of the largest value: rounding is far below, another formula
    /// mostly above.
    /// </summary>
    private const double FloatTolerance = 1e-2;

    private const string NoDerivative =
        "No derivative: not checked (no result follows from the inputs through operations with a derivative).";

    private readonly List<string> _notes = [];
    private bool _computesDouble = true;
    private bool _hasDerivative;
    private bool _isWhole;

    /// <summary>Up to how many elements every one was moved by itself.</summary>
    public int ElementsMoved { get; private set; }

    /// <summary>Up to how many elements differences were taken along directions.</summary>
    public int ElementsInDirections { get; private set; }

    /// <summary>What could not be checked.</summary>
    public IEnumerable<string> Notes => ElementsMoved > 0 || ElementsInDirections > 0 || !_computesDouble
        ? _notes
        : [.. _notes, _hasDerivative ? "The derivative was not checked: no case has an element." : NoDerivative];

    public void Run(Shape[] shapes)
    {
        // Numbers that a float holds: both types compute from the same.
        double[][] values =
            [.. shapes.Select((s, i) => CheckValues.Floats(s.ElementCount, low, high, s.ElementCount + i))];
        var single = Compare(shapes, values, DType.Float32, transposed: false);
        if (shapes.All(s => s.Rank == 2))
            Compare(shapes, values, DType.Float32, transposed: true);
        if (!_computesDouble)
            return;
        try
        {
            var twice = Compare(shapes, values, DType.Float64, transposed: false);
            // Whole numbers, such as places of maxima, may hang on the last bit.
            if (!_isWhole)
                RequireSimilar(shapes, single, twice);
        }
        catch (DTypeException problem)
        {
            _computesDouble = false;
            _notes.Add($"Float64 and the derivative were not checked: {problem.Message}");
            return;
        }

        Differentiate(shapes, values);
    }

    private static double[] Weights(int count) => CheckValues.Uniform(count, 0.5, 1.5, count);

    private static string Names(Shape[] shapes) => string.Join(" and ", shapes.Select(s => s.ToString()));

    /// <summary>An operation may have a way of its own for each type: both have to mean the same.</summary>
    private static void RequireSimilar(
        Shape[] shapes, List<(string Name, double[] Values)> single, List<(string Name, double[] Values)> twice)
    {
        for (int k = 0; k < Math.Min(single.Count, twice.Count); k++)
        {
            double[] a = single[k].Values, b = twice[k].Values;
            double largest = b.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();
            int at = a.Length != b.Length
                ? 0
                : Array.FindIndex([.. a.Zip(b, (x, y) => Math.Abs(x - y))], d => d > FloatTolerance * largest && double.IsFinite(d));
            if (at < 0)
                continue;
            throw new KernelCheckException(a.Length != b.Length
                ? $"Kernel.Check: {Names(shapes)}: {single[k].Name} has {a.Length} elements in Float32, {b.Length} in Float64."
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"Kernel.Check: {Names(shapes)}: {single[k].Name}, element {at}: Float32 gives {a[at]:R}, Float64 {b[at]:R}, ") +
                    "too far apart for rounding: look at what the operation does for each type.");
        }
    }

    private List<(string Name, double[] Values)> Compare(Shape[] shapes, double[][] values, DType dtype, bool transposed)
    {
        string layout = transposed ? "transposed " : "";
        string what = $"{dtype}, {layout}{Names(shapes)}";
        return comparison.Run(what, shapes.Max(s => s.ElementCount), dtype == DType.Float64, device =>
        {
            using var scope = TensorScope.Begin();
            Tensor[] inputs = [.. shapes.Zip(values, (shape, v) => Input(shape, v, dtype, device, transposed))];
            foreach (var input in inputs)
                input.RequiresGradient = true;
            var y = operation(inputs) ?? throw new KernelCheckException(
                $"Kernel.Check: {what}: the operation returned null; let it return the result.");
            if (y.Device != device)
            {
                throw new KernelCheckException(
                    $"Kernel.Check: {what}: the inputs are on {device.Name}, the result on {y.Device.Name}; make it " +
                    "with x.Device.");
            }

            _hasDerivative |= y.RequiresGradient;
            _isWhole |= y.DType.IsInteger();
            var results = new List<(string Name, double[] Values)> { ("the result", CheckValues.Read(y)) };
            if (!y.RequiresGradient)
                return results;
            y.Backward(CheckValues.Make(Weights(y.Count), y.Shape, y.DType, device));
            for (int i = 0; i < inputs.Length; i++)
            {
                if (inputs[i].Gradient is { } gradient)
                    results.Add(($"the gradient of input {i}", CheckValues.Read(gradient)));
            }

            return results;
        });
    }

    private void Differentiate(Shape[] shapes, double[][] values)
    {
        using var scope = TensorScope.Begin();
        Tensor[] inputs = [.. shapes.Zip(values, (s, v) => Tensor.From(v, s, Device.Cpu))];
        foreach (var input in inputs)
            input.RequiresGradient = true;
        if (!operation(inputs).RequiresGradient)
            return;
        int elements = shapes.Sum(s => s.ElementCount);
        if (elements > SingleElements)
        {
            DirectionCheck.Run(operation, inputs);
            ElementsInDirections = Math.Max(ElementsInDirections, elements);
        }
        else if (elements > 0)
        {
            Gradients.Check(operation, inputs);
            ElementsMoved = Math.Max(ElementsMoved, elements);
        }
    }

    /// <summary>The values in that shape; transposed: lying in memory column by column.</summary>
    private static Tensor Input(Shape shape, double[] values, DType dtype, Device device, bool transposed)
    {
        if (!transposed)
            return CheckValues.Make(values, shape, dtype, device);
        using var columns = CheckValues.Make(values, [shape[1], shape[0]], dtype, device);
        return columns.Transpose(0, 1).Detach();
    }
}
