using System.Reflection;
using System.Runtime.CompilerServices;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels;

/// <summary>Numbers for the kernels: random ones, and all the special ones.</summary>
internal sealed partial class SimdTests
{
    private static readonly float[] Special =
    [
        0f, -0f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.Epsilon, -float.Epsilon, 1e-40f,
        -3e-39f, 1f, -1f, 0.5f,
        float.MaxValue, float.MinValue, 88.7f, -103.5f, 2f, 2147483648f, -2147483648f, 1e10f, 65520f, 6e-8f, 0.625f,
        0.46875f,
    ];

    private interface ICells
    {
        /// <summary>As the kernel's argument.</summary>
        object View { get; }

        /// <summary>The bits; every NaN counts as the same, since a processor may pass on either of two.</summary>
        IEnumerable<long> Bits { get; }
    }

    /// <summary>What the views hold afterwards.</summary>
    private static ICells[] Run(MethodInfo launcher, StridedLayout layout, long[] lengths, bool areOn)
    {
        var cells = Views(launcher).Select((type, i) => Cells(type, lengths[i], i)).ToArray();
        object[] arguments = Arguments(launcher, Cpu, layout, [.. cells.Select(c => c.View)]);
        try
        {
            KernelVectors.AreOn = areOn;
            launcher.Invoke(null, arguments);
            return cells;
        }
        finally
        {
            KernelVectors.AreOn = true;
        }
    }

    private static object[] Arguments(MethodInfo launcher, Device device, StridedLayout layout, object[] views)
    {
        var arguments = new List<object> { device, layout };
        int view = 0, scalar = 0;
        foreach (var type in launcher.GetParameters().Skip(2).Select(p => p.ParameterType))
            arguments.Add(type.IsGenericType ? views[view++] : System.Convert.ChangeType(1 + (0.37 * scalar++), type, null));
        return [.. arguments];
    }

    private static ICells Cells(Type type, long count, int seed)
    {
        var random = new Random(seed + 1);
        return type switch
        {
            _ when type == typeof(float) =>
                new Cell<float>(
                    count, () => Number(random), x => float.IsNaN(x) ? 1 : BitConverter.SingleToInt32Bits(x)),
            _ when type == typeof(double) =>
                new Cell<double>(
                    count, () => Double(random), x => double.IsNaN(x) ? 1 : BitConverter.DoubleToInt64Bits(x)),
            _ when type == typeof(int) => new Cell<int>(count, () => (int)Whole(random), x => x),
            _ when type == typeof(long) => new Cell<long>(count, () => Whole(random), x => x),
            _ when type == typeof(short) => new Cell<short>(count, () => (short)random.Next(65536), x => x),
            _ => throw new NotSupportedException($"no numbers for {type}"),
        };
    }

    private static float Number(Random random) => random.Next(4) switch
    {
        0 => Special[random.Next(Special.Length)],
        1 => BitConverter.Int32BitsToSingle((int)random.NextInt64(int.MinValue, 1L + int.MaxValue)),
        _ => (float)(((2 * random.NextDouble()) - 1) * Math.Pow(10, random.Next(-3, 4))),
    };

    private static double Double(Random random) => random.Next(5) switch
    {
        0 => double.Epsilon * random.Next(-9, 9),
        1 => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
        2 => ((2 * random.NextDouble()) - 1) * 700,
        _ => Number(random),
    };

    private static long Whole(Random random) => random.Next(4) switch
    {
        0 => random.NextInt64(long.MinValue, long.MaxValue),
        1 => int.MinValue,
        2 => random.Next(-100, 100),
        _ => random.Next(2),
    };

    private sealed unsafe class Cell<T>(long count, Func<T> next, Func<T, long> bits) : ICells
        where T : unmanaged
    {
        // Pinned: the view holds its address.
        private readonly T[] _values = Fill(GC.AllocateArray<T>((int)count + 1, pinned: true), next);

        public object View => new ArrayView<T>((T*)Unsafe.AsPointer(ref _values[0]), count);

        public IEnumerable<long> Bits => _values.Select(bits);

        private static T[] Fill(T[] values, Func<T> next)
        {
            for (int i = 0; i < values.Length; i++)
                values[i] = next();
            return values;
        }
    }
}
