using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops.References;

/// <summary>Reductions: every element is handed to the result it belongs to.</summary>
internal static class ReductionReferences
{
    [Reference("Sum")]
    public static NdArray Sum(OpExample example, NdArray[] x) =>
        Reduce(x[0], (int[])example.Options["axes"], (bool)example.Options["keepAxes"], values => values.Sum());

    [Reference("CumSum")]
    public static NdArray CumSum(OpExample example, NdArray[] x)
    {
        int axis = ViewReferences.Axis(example, x[0]);
        bool reverse = (bool)example.Options["reverse"];
        return NdArray.From(x[0].Shape, index =>
        {
            double sum = 0;
            for (int k = reverse ? index[axis] : 0; k < (reverse ? x[0].Shape[axis] : index[axis] + 1); k++)
            {
                int[] at = [.. index];
                at[axis] = k;
                sum += x[0][at];
            }

            return sum;
        });
    }

    [Reference("Extremum")]
    public static NdArray Extremum(OpExample example, NdArray[] x) =>
        Reduce(x[0], [(int)example.Options["axis"]], keepAxes: true, v =>
            (bool)example.Options["largest"] ? v.Max() : v.Min());

    [Reference("ArgExtremum")]
    public static NdArray ArgExtremum(OpExample example, NdArray[] x) =>
        Reduce(x[0], [(int)example.Options["axis"]], keepAxes: true, v =>
            v.ToList().IndexOf((bool)example.Options["largest"] ? v.Max() : v.Min()));

    [Reference("Var")]
    public static NdArray Var(OpExample example, NdArray[] x) =>
        Reduce(x[0], (int[])example.Options["axes"], (bool)example.Options["keepAxes"], v =>
        {
            double mean = v.Average();
            return v.Sum(e => (e - mean) * (e - mean)) / (v.Count - (int)example.Options["correction"]);
        });

    [Reference("LogSumExp")]
    public static NdArray LogSumExp(OpExample example, NdArray[] x) =>
        Reduce(x[0], (int[])example.Options["axes"], keepAxes: true, v =>
        {
            double largest = v.Count == 0 ? 0 : v.Max();
            return largest + Math.Log(v.Sum(e => Math.Exp(e - largest)));
        });

    [Reference("ShiftedExp")]
    public static NdArray ShiftedExp(OpExample example, NdArray[] x) =>
        NdArray.Zip(x[0], x[1], (a, m) => Math.Exp(a - m));

    [Reference("Norm")]
    public static NdArray Norm(OpExample example, NdArray[] x)
    {
        double p = (double)example.Options["p"];
        return Reduce(x[0], (int[])example.Options["axes"], keepAxes: true, v =>
            double.IsInfinity(p)
                ? v.Select(Math.Abs).DefaultIfEmpty().Max()
                : Math.Pow(v.Sum(e => Math.Pow(Math.Abs(e), p)), 1 / p));
    }

    /// <summary>Applies <paramref name="f"/> to all the elements that fall on each result.</summary>
    public static NdArray Reduce(NdArray x, int[] axes, bool keepAxes, Func<IReadOnlyList<double>, double> f)
    {
        int rank = x.Shape.Length;
        var reduced = axes.Select(a => a < 0 ? a + rank : a).ToHashSet();
        int[] ones = [.. x.Shape.Select((size, axis) => reduced.Contains(axis) ? 1 : size)];
        var bins = NdArray.Zeros(ones).Data.Select(_ => new List<double>()).ToArray();
        var numbers = NdArray.Zeros(ones);
        for (int i = 0; i < numbers.Count; i++)
            numbers.Data[i] = i;
        foreach (int[] index in NdArray.Indices(x.Shape))
        {
            int[] target = [.. index.Select((at, axis) => reduced.Contains(axis) ? 0 : at)];
            bins[(int)numbers[target]].Add(x[index]);
        }

        int[] shape = keepAxes ? ones : [.. x.Shape.Where((_, axis) => !reduced.Contains(axis))];
        return new NdArray(shape, [.. bins.Select(f)]);
    }
}
