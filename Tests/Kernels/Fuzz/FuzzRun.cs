using System.Runtime.InteropServices;

namespace MomentumCore.Tests.Kernels.Fuzz;

/// <summary>Runs a random kernel in all its forms and says where one differs from what C# gives.</summary>
internal static class FuzzRun
{
    /// <summary>Where a form differs: nothing for a kernel that is right everywhere.</summary>
    public static IEnumerable<string> Differences(FuzzBatch batch, FuzzKernel kernel, IReadOnlyList<Device> devices, int seed)
    {
        int[] counts = kernel.Shape == FuzzShape.Group ? [64] : kernel.Shape == FuzzShape.Gather ? [61] : [37, 131];
        for (int numbers = 0; numbers < 3; numbers++)
        {
            int count = counts[numbers % counts.Length];
            foreach (bool isDouble in kernel.HasDouble ? new[] { false, true } : [false])
            {
                var form = isDouble ? FuzzForm.Double : FuzzForm.Float;
                var inputs = Inputs(kernel, isDouble, count * 4, new Random(seed + numbers));
                var expected = Result(form, Device.Emulator, default);
                if (kernel.Shape <= FuzzShape.Wide)
                {
                    if (Difference(kernel, isDouble, expected, Result(isDouble ? FuzzForm.Twin : FuzzForm.Method, Device.Cpu, default)) is { } own)
                        yield return $"{kernel.Name} {form} called by itself, numbers {numbers}: {own}";
                    var layout = Layout(kernel, ref count);
                    form = isDouble ? FuzzForm.StridedDouble : FuzzForm.Strided;
                    var strided = Result(form, Device.Emulator, layout);
                    // Of a device that compiles for long, a third.
                    foreach (var device in devices.Where(d => d is CpuDevice || kernel.Name[^1] % 3 == 0))
                    {
                        if (Difference(kernel, isDouble, strided, Result(form, device, layout)) is { } other)
                            yield return $"{kernel.Name} {form} on {device}, numbers {numbers}: {other}";
                    }

                    form = isDouble ? FuzzForm.Double : FuzzForm.Float;
                }

                foreach (var device in devices.Where(d => d is CpuDevice || !isDouble || kernel.Name[^1] % 2 == 0))
                {
                    if (Difference(kernel, isDouble, expected, Result(form, device, default)) is { } other)
                        yield return $"{kernel.Name} {form} on {device}, numbers {numbers}: {other}";
                }

                byte[][] Result(FuzzForm run, Device device, StridedLayout layout)
                {
                    var buffers = inputs.Select(i => device.Allocate(i.Length)).ToArray();
                    try
                    {
                        for (int k = 0; k < buffers.Length; k++)
                            device.Upload(inputs[k], buffers[k], 0);
                        batch.Run(kernel, run, device, count, layout, buffers, numbers);
                        return [.. buffers.Select((buffer, k) =>
                        {
                            byte[] got = new byte[inputs[k].Length];
                            device.Download(buffer, 0, got);
                            return got;
                        })];
                    }
                    finally
                    {
                        foreach (var buffer in buffers)
                            buffer.Free();
                    }
                }
            }
        }
    }

    /// <summary>Operands that are transposed, repeated and spread.</summary>
    private static StridedLayout Layout(FuzzKernel kernel, ref int count)
    {
        int rows = 5, columns = count / 5;
        var strides = kernel.Views.Select((v, i) => v.IsOutput ? new long[] { columns * 2, 2 } : (i % 3) switch
        {
            0 => [1, rows],
            1 => [0, 1],
            _ => new long[] { columns, 1 },
        }).ToArray();
        return StridedLayout.Create([rows, columns], strides);
    }

    private static byte[][] Inputs(FuzzKernel kernel, bool isDouble, int count, Random random) =>
        [.. kernel.Views.Select(v => Bytes(isDouble && v.Type == Number.Float ? Number.Double : v.Type, count, random))];

    private static byte[] Bytes(Number type, int count, Random random)
    {
        long[] whole = [0, 1, -1, 2, 3, 7, 8, 31, 32, 33, 63, 64, 127, 128, 255, 256, 65535, 65536, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue, 16777217];
        double[] real =
        [
            0, -0.0, 1, -1, 0.5, 1.5, 2.5, -2.5, 0.1, 5.5, 7.25, -300.7, 65535.5, 2147483648, -2147483904, 4294967296, 9.3e18, -9.3e18, 1e30, 1e-40,
            double.NaN, double.PositiveInfinity, double.NegativeInfinity, float.MaxValue, float.Epsilon, 88.7, -104, 8388607.5,
        ];
        long Whole() => random.Next(3) == 0 ? random.NextInt64(long.MinValue, long.MaxValue) : random.Next(3) == 0 ? random.Next(-20, 40) : whole[random.Next(whole.Length)];
        double Real() => random.Next(3) == 0 ? (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-5, 9)) : random.Next(3) == 0 ? random.Next(-20, 60) * 0.25 : real[random.Next(real.Length)];
        return type.CSharp switch
        {
            "float" => Of(() => (float)Real()),
            "double" => Of(Real),
            "short" => Of(() => (short)Whole()),
            "ushort" => Of(() => (ushort)Whole()),
            "int" or "uint" => Of(() => (int)Whole()),
            _ => Of(Whole),
        };

        byte[] Of<T>(Func<T> next)
            where T : unmanaged
        {
            var values = new T[count];
            for (int i = 0; i < count; i++)
                values[i] = next();
            return MemoryMarshal.AsBytes<T>(values).ToArray();
        }
    }

    private static string? Difference(FuzzKernel kernel, bool isDouble, byte[][] expected, byte[][] got)
    {
        for (int k = 0; k < expected.Length; k++)
        {
            var view = kernel.Views[k];
            var type = isDouble && view.Type == Number.Float ? Number.Double : view.Type;
            for (int at = 0; at < expected[k].Length; at += type.Bytes)
            {
                ReadOnlySpan<byte> e = expected[k].AsSpan(at, type.Bytes), g = got[k].AsSpan(at, type.Bytes);
                if (e.SequenceEqual(g))
                    continue;
                object Text(ReadOnlySpan<byte> bytes) => type.CSharp switch
                {
                    "float" => BitConverter.ToSingle(bytes),
                    "double" => BitConverter.ToDouble(bytes),
                    "short" or "ushort" => BitConverter.ToInt16(bytes),
                    "int" or "uint" => BitConverter.ToInt32(bytes),
                    _ => BitConverter.ToInt64(bytes),
                };
                var (want, have) = (Text(e), Text(g));
                if ((want, have) is (float.NaN, float.NaN) or (double.NaN, double.NaN))
                    continue;
                return $"{view.Name}[{at / type.Bytes}] is {have}, C# gives {want}";
            }
        }

        return null;
    }
}
