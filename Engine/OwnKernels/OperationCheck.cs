using MomentumCore.Kernels.Devices;

namespace MomentumCore.Engine;

/// <summary>Checks an operation in every element type and memory layout of one shape after the other.</summary>
internal sealed class OperationCheck(
    Func<Tensor[], Tensor> operation, KernelComparison comparison, double low, double high)
{
    /// <summary>Elements up to which every single one is moved for central differences.</summary>
    private const int DifferencedElements = 64;

    private bool _computesDouble = true;

    /// <summary>Whether a derivative was held against central differences.</summary>
    public bool ChecksGradient { get; private set; }

    /// <summary>What could not be checked.</summary>
    public List<string> Notes { get; } = [];

    public void Run(Shape[] shapes)
    {
        double[][] values =
            [.. shapes.Select((s, i) => CheckValues.Uniform(s.ElementCount, low, high, s.ElementCount + i))];
        Compare(shapes, values, DType.Float32, transposed: false);
        if (shapes.All(s => s.Rank == 2))
            Compare(shapes, values, DType.Float32, transposed: true);
        if (!_computesDouble)
            return;
        try
        {
            Compare(shapes, values, DType.Float64, transposed: false);
        }
        catch (DTypeException problem)
        {
            _computesDouble = false;
            Notes.Add($"Float64 and the derivative were not checked: {problem.Message}");
            return;
        }

        int elements = shapes.Sum(s => s.ElementCount);
        if (elements is > 0 and <= DifferencedElements)
            Differentiate(shapes, values);
    }

    private static double[] Weights(int count) => CheckValues.Uniform(count, 0.5, 1.5, count);

    private void Compare(Shape[] shapes, double[][] values, DType dtype, bool transposed)
    {
        string layout = transposed ? "transposed " : "";
        string what = $"{dtype}, {layout}{string.Join(" and ", shapes.Select(s => s.ToString()))}";
        comparison.Run(what, shapes.Max(s => s.ElementCount), dtype == DType.Float64, device =>
        {
            using var scope = TensorScope.Begin();
            Tensor[] inputs = [.. shapes.Zip(values, (shape, v) => Input(shape, v, dtype, device, transposed))];
            foreach (var input in inputs)
                input.RequiresGradient = true;
            var y = operation(inputs);
            if (y.Device != device)
            {
                throw new KernelCheckException(
                    $"Kernel.Check: {what}: the inputs are on {device.Name}, the result on {y.Device.Name}; make it " +
                    "with x.Device.");
            }

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
        Gradients.Check(operation, inputs);
        ChecksGradient = true;
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
