using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels.Bits;

/// <summary>The element type of a view that is known at run time only.</summary>
internal abstract class Element
{
    private static readonly double[] Hard =
    [
        0, -0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, float.Epsilon, -float.Epsilon, 1e-40, -3e-39,
        double.Epsilon, -3e-320, 1, -1, 0.5, float.MaxValue, float.MinValue, double.MaxValue, 88.7, -103.5, 709.7, -745, 2,
        2147483648, -2147483648, 9223372036854775808, 1e10, 65520, 6e-8, 0.625, 0.46875,
    ];

    private static readonly Dictionary<Type, Element> All = new()
    {
        [typeof(float)] = new Floating<float>(r => BitConverter.Int32BitsToSingle(r.Next(int.MinValue, int.MaxValue)), x => (float)x),
        [typeof(double)] = new Floating<double>(r => BitConverter.Int64BitsToDouble(r.NextInt64(long.MinValue, long.MaxValue)), x => x),
        [typeof(sbyte)] = new Whole<sbyte>(),
        [typeof(byte)] = new Whole<byte>(),
        [typeof(short)] = new Whole<short>(),
        [typeof(ushort)] = new Whole<ushort>(),
        [typeof(int)] = new Whole<int>(),
        [typeof(uint)] = new Whole<uint>(),
        [typeof(long)] = new Whole<long>(),
        [typeof(ulong)] = new Whole<ulong>(),
    };

    public abstract int Size { get; }

    public abstract bool IsFloating { get; }

    public static Element Of(Type type) => All[type];

    /// <summary>A view of memory of this process.</summary>
    public abstract unsafe object View(byte* memory, long offset, long length);

    /// <summary>A view of a device's memory.</summary>
    public abstract object View(DeviceBuffer buffer, long offset, long length);

    /// <summary>Fills memory with numbers that are hard to get right: every special one, any bits, and plain ones.</summary>
    public abstract void Harden(Span<byte> memory, Random random);

    /// <summary>Makes all NaNs one: which of two NaNs a processor passes on is open.</summary>
    public abstract void UniteNaNs(Span<byte> memory);

    public abstract string Show(ReadOnlySpan<byte> element);

    private abstract class Typed<T> : Element
        where T : unmanaged
    {
        public override int Size => Unsafe.SizeOf<T>();

        public override bool IsFloating => false;

        public override unsafe object View(byte* memory, long offset, long length) => new ArrayView<T>((T*)memory + offset, length);

        public override object View(DeviceBuffer buffer, long offset, long length) => buffer.View<T>(offset, length);

        public override void UniteNaNs(Span<byte> memory)
        {
        }

        public override string Show(ReadOnlySpan<byte> element) =>
            FormattableString.Invariant($"{MemoryMarshal.Read<T>(element)} (0x{Convert.ToHexString([.. element.ToArray().Reverse()])})");
    }

    private sealed class Whole<T> : Typed<T>
        where T : unmanaged
    {
        public override void Harden(Span<byte> memory, Random random)
        {
            foreach (ref byte b in memory)
                b = (byte)(random.Next(3) == 0 ? random.Next(256) : 0);
        }
    }

    private sealed class Floating<T>(Func<Random, T> anyBits, Func<double, T> number) : Typed<T>
        where T : unmanaged, System.Numerics.IFloatingPoint<T>
    {
        public override bool IsFloating => true;

        public override void Harden(Span<byte> memory, Random random)
        {
            foreach (ref var x in MemoryMarshal.Cast<byte, T>(memory))
            {
                x = random.Next(4) switch
                {
                    0 => number(Hard[random.Next(Hard.Length)]),
                    1 => anyBits(random),
                    _ => number(((2 * random.NextDouble()) - 1) * Math.Pow(10, random.Next(-3, 4))),
                };
            }
        }

        public override void UniteNaNs(Span<byte> memory)
        {
            foreach (ref var x in MemoryMarshal.Cast<byte, T>(memory))
            {
                if (T.IsNaN(x))
                    x = number(double.NaN);
            }
        }
    }
}
