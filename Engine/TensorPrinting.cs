using System.Globalization;
using System.Text;

namespace MomentumCore.Engine;

/// <summary>How a tensor shows itself.</summary>
public partial class Tensor
{
    /// <summary>The type, shape and values; of a large tensor the first and last three along each axis.</summary>
    /// <remarks>It never fails: a freed tensor says so.</remarks>
    public override string ToString() => TensorPrinter.Print(this);
}

/// <summary>Lays out the values of a tensor in aligned columns, one bracket for each axis.</summary>
internal sealed class TensorPrinter
{
    /// <summary>Tensors of more elements are shortened.</summary>
    private const int FullCount = 1000;

    /// <summary>How many elements at each end of a shortened axis are shown.</summary>
    private const int Edge = 3;

    private const int LineWidth = 100;

    private readonly Shape _shape;
    private readonly int[] _shown;
    private readonly string[] _cells;
    private readonly int _width;
    private readonly StringBuilder _out;
    private int _next;

    private TensorPrinter(Shape shape, int[] shown, string[] cells, StringBuilder output)
    {
        (_shape, _shown, _cells, _out) = (shape, shown, cells, output);
        _width = cells.Max(cell => cell.Length);
    }

    public static string Print(Tensor x)
    {
        var text = new StringBuilder($"Tensor {x.DType} {x.Shape}");
        if (x.IsDisposed)
            return text.Append(" (freed)").ToString();
        if (x.Device is not Kernels.Devices.Cpu.CpuDevice)
            text.Append(" on ").Append(x.Device.Name);
        if (x.RequiresGradient)
            text.Append(", requires gradient");
        if (x.Count == 0)
            return text.Append(": no elements").ToString();
        text.Append(x.Rank == 0 ? ": " : Environment.NewLine);
        // Looking at a tensor must leave no trace, in the record or in the open scope.
        int mode = NoGrad.SetLocal(recording: false);
        var scope = TensorScope.BeginLocal();
        try
        {
            bool isShort = x.Count > FullCount;
            int[] shown = [.. x.Shape.Select(size => isShort ? Math.Min(size, 2 * Edge) : size)];
            string[] cells = x.DType.IsInteger() ? Integers(x, shown) : Floats(x, shown);
            new TensorPrinter(x.Shape, shown, cells, text).Write(0);
        }
        finally
        {
            scope.Dispose();
            NoGrad.RestoreLocal(mode);
        }

        return text.ToString();
    }

    private static string[] Integers(Tensor x, int[] shown) =>
        [.. (x.DType == DType.Int32 ? Shown<int>(x, shown).Select(v => (long)v) : Shown<long>(x, shown))
            .Select(v => v.ToString(CultureInfo.InvariantCulture))];

    private static string[] Floats(Tensor x, int[] shown)
    {
        if (x.Rank == 0 && x.DType == DType.Float32)
            return [x.ToArray<float>()[0].ToString(CultureInfo.InvariantCulture)];
        double[] values = x.DType switch
        {
            DType.Float32 => [.. Shown<float>(x, shown).Select(v => (double)v)],
            DType.Float64 => [.. Shown<double>(x, shown)],
            DType.Float16 => [.. Shown<Half>(x, shown).Select(v => (double)v)],
            _ => [.. Shown<BFloat16>(x, shown).Select(v => (double)(float)v)],
        };
        string format = x.Rank == 0 ? "R" : Format(values);
        return [.. values.Select(v => v.ToString(format, CultureInfo.InvariantCulture))];
    }

    /// <summary>
    /// One format for all: as few decimals as show every value, at most four; powers of ten when that hides digits.
    /// </summary>
    private static string Format(double[] values)
    {
        double[] sizes = [.. values.Where(v => double.IsFinite(v) && v != 0).Select(Math.Abs)];
        if (sizes.Length > 0 && (sizes.Max() >= 1e8 || sizes.Min() < 1e-4))
            return "0.0000e+00";
        for (int decimals = 0; decimals < 4; decimals++)
        {
            // Shorter only when nothing is lost, but for the noise that Float32 adds.
            if (sizes.All(v => Math.Abs(v - Math.Round(v, decimals)) <= 1e-7 * v))
                return $"F{decimals}";
        }

        return "F4";
    }

    /// <summary>The elements that are shown, outermost axis first.</summary>
    private static IEnumerable<T> Shown<T>(Tensor x, int[] shown)
        where T : unmanaged
    {
        if (shown.AsSpan().SequenceEqual(x.Shape.AsSpan()))
            return x.ToArray<T>();
        var view = x.Detach();
        for (int axis = 0; axis < x.Rank; axis++)
        {
            if (shown[axis] == x.Shape[axis])
                continue;
            var first = view.Slice(axis, 0, Edge);
            var last = view.Slice(axis, x.Shape[axis] - Edge, x.Shape[axis]);
            view = Tensor.Concat([first, last], axis);
        }

        return view.ToArray<T>();
    }

    private void Write(int axis)
    {
        if (axis == _shown.Length)
        {
            _out.Append(_cells[_next++].PadLeft(_width));
            return;
        }

        bool isInnermost = axis == _shown.Length - 1;
        int lineStart = _out.Length - axis;
        string indent = Environment.NewLine + new string(' ', axis + 1);
        string lines = string.Concat(Enumerable.Repeat(Environment.NewLine, _shown.Length - 1 - axis));
        string gap = isInnermost ? "," : "," + lines + new string(' ', axis + 1);
        _out.Append('[');
        for (int k = 0; k < _shown[axis]; k++)
        {
            if (k > 0)
                _out.Append(gap);
            if (k == Edge && _shown[axis] < _shape[axis])
                _out.Append(isInnermost ? " …," : "…" + gap);
            if (isInnermost && k > 0)
            {
                bool isFull = _out.Length - lineStart + _width + 2 > LineWidth;
                _out.Append(isFull ? indent : " ");
                if (isFull)
                    lineStart = _out.Length - axis - 1;
            }

            Write(axis + 1);
        }

        _out.Append(']');
    }
}
