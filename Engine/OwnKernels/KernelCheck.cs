using MomentumCore.Kernels.Devices;

namespace MomentumCore.Engine;

public static partial class Kernel
{
    // Nothing, one, a few, around groups and vectors, primes, more than a thread takes at once.
    private static readonly int[][] Shapes =
        [[0], [], [1], [7], [3, 5], [2, 3, 4], [63], [65], [1021], [17, 241], [70_001]];

    private static readonly int[] Counts = [1, 2, 7, 16, 63, 64, 65, 255, 1021, 4097, 70_001];

    /// <summary>
    /// Checks an operation over kernels of one's own, forward and backward: CPU against every OpenCL device and the
    /// emulator, to the bit; each run twice, on the emulator with the work items in both orders; reads and writes inside
    /// its memory; many awkward shapes, gapless and transposed, Float32 and Float64, which must agree roughly; and the
    /// derivative against central differences.
    /// </summary>
    /// <remarks>
    /// Up to 64 elements every one is moved by itself; in larger shapes all at once along random directions, and some by
    /// themselves, the first and the last among them. The report says up to which size.
    /// </remarks>
    /// <param name="operation">
    /// From inputs of one shape to a result, such as <c>t => new Swish().Apply(t[0])</c>.
    /// </param>
    /// <param name="inputs">How many inputs it takes.</param>
    /// <param name="low">The least value of the inputs, which are random.</param>
    /// <param name="high">The largest. Keep away from kinks: differences say nothing there.</param>
    /// <param name="tolerance">
    /// How far devices may lie apart, as a part of the larger value or of 1: 0, the same bits, unless additions in
    /// another order are part of the operation.
    /// </param>
    /// <returns>What was checked, to be printed.</returns>
    /// <exception cref="ArgumentException">There is nothing to check, or the range or the tolerance is none.</exception>
    /// <exception cref="KernelCheckException">Something is wrong; the message has the device, shape and
    /// element.</exception>
    /// <exception cref="GradientException">The derivative is wrong; the message has the element and both
    /// values.</exception>
    public static KernelReport Check(
        Func<Tensor[], Tensor> operation, int inputs = 1, double low = -2, double high = 2, double tolerance = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        return Check(
            operation, Shapes.Select(shape => Enumerable.Repeat((Shape)shape, inputs).ToArray()), low, high, tolerance);
    }

    /// <summary>As the other one, for an operation that wants inputs of certain shapes.</summary>
    /// <param name="operation">From inputs to a result.</param>
    /// <param name="shapes">For each case the shape of every input, such as <c>[[[3, 5], [5]], [[1, 1],
    /// [1]]]</c>.</param>
    /// <param name="low">The least value of the inputs, which are random.</param>
    /// <param name="high">The largest.</param>
    /// <param name="tolerance">How far devices may lie apart.</param>
    /// <inheritdoc cref="Check(Func{Tensor[], Tensor}, int, double, double, double)"/>
    public static KernelReport Check(
        Func<Tensor[], Tensor> operation, IEnumerable<Shape[]> shapes, double low = -2, double high = 2,
        double tolerance = 0)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(shapes);
        Shape[][] cases = [.. shapes];
        if (cases.Length == 0 || cases.Any(inputs => inputs is not { Length: > 0 }))
        {
            throw new ArgumentException(
                "Kernel.Check: " + (cases.Length == 0 ? "there are no shapes" : "a case has no inputs") +
                ", so nothing would be checked; pass for each case the shape of every input, such as [[[3, 5], [5]]].",
                nameof(shapes));
        }

        if (!(low <= high) || !double.IsFinite(high - low))
        {
            throw new ArgumentException(
                $"Kernel.Check: there are no inputs from {low} to {high}; low and high are finite, low the smaller one.",
                nameof(low));
        }

        RequireTolerance(tolerance);
        var comparison = new KernelComparison(tolerance);
        var check = new OperationCheck(operation, comparison, low, high);
        foreach (var inputs in cases)
            check.Run(inputs);
        return new KernelReport(
            comparison.Devices, comparison.Cases, comparison.LargestDifference, check.ElementsMoved,
            check.ElementsInDirections, [.. check.Notes, .. comparison.Notes]);
    }

    /// <summary>
    /// Checks one kernel by itself: CPU against every OpenCL device and the emulator, each run twice, on the emulator with
    /// the work items in both orders, reads and writes inside its views, many awkward numbers of work items, values with infinities and NaN among them. Every view is
    /// filled before and compared afterwards; at least one has to change in some launch.
    /// </summary>
    /// <typeparam name="T">The element type of the views: float, double, int or long.</typeparam>
    /// <param name="launch">Launches it, such as <c>(device, n, v) => Mine.Swish(device, n, v[0], v[1])</c>.</param>
    /// <param name="views">How many views it takes.</param>
    /// <param name="lengths">The length of each view for a number of work items; that number itself if none.</param>
    /// <param name="tolerance">How far devices may lie apart; 0 for the same bits.</param>
    /// <inheritdoc cref="Check(Func{Tensor[], Tensor}, int, double, double, double)"/>
    public static KernelReport Check<T>(
        Launch<T> launch, int views, Func<int, int[]>? lengths = null, double tolerance = 0)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(launch);
        ArgumentOutOfRangeException.ThrowIfLessThan(views, 1);
        RequireTolerance(tolerance);
        var dtype = DTypes.Of<T>();
        var comparison = new KernelComparison(tolerance);
        bool changes = false;
        foreach (int count in Counts)
        {
            int[] sizes = lengths?.Invoke(count) ?? [.. Enumerable.Repeat(count, views)];
            if (sizes.Length != views)
                throw new ArgumentException(
                    $"Kernel.Check: lengths gave {sizes.Length} numbers for {views} views.", nameof(lengths));
            var values = CheckValues.Of(sizes, dtype, count);
            comparison.Run($"{count} work items", count, dtype == DType.Float64, device =>
            {
                using var scope = TensorScope.Begin();
                Tensor[] tensors = [.. values.Zip(sizes, (v, size) => CheckValues.Make(v, [size], dtype, device))];
                double[][] before = device == Device.Cpu && !changes ? [.. tensors.Select(CheckValues.Read)] : [];
                launch(device, count, [.. tensors.Select(t => t.View<T>())]);
                changes |= before.Where((v, i) => !KernelComparison.AreSame(v, CheckValues.Read(tensors[i]))).Any();
                return [.. tensors.Select((t, i) => ($"view {i}", CheckValues.Read(t)))];
            });
        }

        if (!changes)
        {
            throw new KernelCheckException(
                "Kernel.Check: no launch changed an element of any view, so nothing was checked: let the launch run the " +
                "kernel on the device and views that it is given, and the kernel write a result.");
        }

        return new KernelReport(
            comparison.Devices, comparison.Cases, comparison.LargestDifference, ElementsMoved: 0,
            ElementsInDirections: 0, [.. comparison.Notes]);
    }

    private static void RequireTolerance(double tolerance)
    {
        if (!(tolerance >= 0) || double.IsInfinity(tolerance))
        {
            throw new ArgumentException(
                $"Kernel.Check: a tolerance of {tolerance} says nothing; it is 0 for the same bits, or such as 1e-5.",
                nameof(tolerance));
        }
    }
}
