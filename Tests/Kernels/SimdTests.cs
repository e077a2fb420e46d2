using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using MomentumCore.Kernels.Compiler;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>The vector loops of maps give the bits of the plain loops.</summary>
[TestFixture]
[NonParallelizable]
internal sealed partial class SimdTests
{
    private static readonly CpuDevice Cpu = new(1);

    /// <summary>Maps are the kernels with a strided launcher.</summary>
    private static IEnumerable<string> Maps() => Launchers().Select(Title).Distinct();

    [TestCaseSource(nameof(Maps))]
    public void The_vector_loop_of_a_map_gives_the_bits_of_its_plain_loop(string name)
    {
        foreach (var launcher in Launchers().Where(m => Title(m) == name))
        {
            foreach (int count in new[] { 0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 1000 })
            {
                var layout = StridedLayout.Create([count], [.. Views(launcher).Select(_ => new long[] { 1 })]);
                Compare(launcher, layout, [.. Views(launcher).Select(_ => (long)count)]);
            }

            // Rows of 21 elements: gapless, one row or one column for all, every second element, rows with gaps.
            bool[] isWritten = Written(launcher);
            for (int turn = 0; turn < 4; turn++)
            {
                (long Row, long Step)[] layouts = [(21, 1), (0, 1), (1, 0), (42, 2), (25, 1), (0, 0)];
                var chosen = isWritten.Select((w, i) => layouts[w ? (turn == 3 ? 3 : 4) : (turn + i) % 6]).ToArray();
                var layout = StridedLayout.Create([3, 21], [.. chosen.Select(c => new[] { c.Row, c.Step })]);
                Compare(launcher, layout, [.. chosen.Select(c => (2 * c.Row) + (20 * c.Step) + 1)]);
            }
        }
    }

    [Test]
    public void Every_map_of_the_library_has_a_vector_form()
    {
        var result = CSharpGeneratorDriver.Create(new KernelGenerator()).RunGenerators(LoweringTests.Library.Value).GetRunResult();
        string text = string.Concat(result.GeneratedTrees.Select(t => t.ToString()));
        Assert.That(Regex.Matches(text, @"// (\w+) runs one work item at a time").Select(m => m.Groups[1].Value).Distinct(), Is.Empty);
        Assert.That(Regex.Count(text, @"static class \w+Simd\b"), Is.GreaterThan(150));
        Assert.That(text, Does.Not.Contain("FusedMultiplyAdd"));
    }

    [TestCase(0)]
    [TestCase(1)]
    public unsafe void Results_written_past_the_caches_are_the_same_bits(int misalignment)
    {
        const int Count = (4 * 16384) + 37;
        var memory = (float*)NativeMemory.AlignedAlloc(4 * (Count + 16) * sizeof(float), 64);
        ArrayView<float> View(int i) => new(memory + (i * (Count + 16) / 16 * 16) + misalignment, Count);
        long large = KernelVectors.LargeBytes;
        try
        {
            for (int i = 0; i < 4 * (Count + 16); i++)
                memory[i] = (i % 1009) - 500;
            KernelVectors.LargeBytes = 0;
            Arithmetic.Add(Cpu, Count, View(0), View(1), View(2));
            Arithmetic.Clamp(Cpu, Count, View(2), View(3), -3, 250);
            KernelVectors.LargeBytes = large;
            for (int i = 0; i < Count; i++)
            {
                float sum = View(0)[i] + View(1)[i];
                if (View(2)[i] != sum || View(3)[i] != Math.Clamp(sum, -3, 250))
                    Assert.Fail($"{i}: {View(2)[i]}, {View(3)[i]} instead of {sum}");
            }

            int after = (3 * (Count + 16) / 16 * 16) + misalignment + Count;
            Assert.That(memory[after], Is.EqualTo((after % 1009) - 500), "behind the end");
        }
        finally
        {
            KernelVectors.LargeBytes = large;
            NativeMemory.AlignedFree(memory);
        }
    }

    [Test]
    public void Generated_loops_need_no_unsafe_code()
    {
        var compilation = CompiledProgram.Compile(Program(""), "kernel.cs");
        compilation = compilation.WithOptions(((CSharpCompilationOptions)compilation.Options).WithAllowUnsafe(false));
        Assert.That(compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error && d.Location.SourceTree?.FilePath != "kernel.cs"), Is.Empty);
    }

    [TestCase("float t = x[i]; if (t > 0f) { t = t * 2f; if (t > 1f) y[i] = t; } else y[i] = -t;", true)]
    [TestCase("float t = 0f; for (int k = 0; k < n; k++) t += x[i] * k; y[i] = t;", true)]
    [TestCase("float t = 0f; int k = 0; do { t += x[i]; if (k == 2) break; k++; } while (k < n); y[i] = t;", true)]
    [TestCase("float t = x[i]; if (n > 2) { t += 1f; } else { t -= 1f; } y[i] = t;", true)]
    [TestCase("y[i] = Pieces(x[i]);", true)]
    [TestCase("float low = 7f; float r = 0f; if (x[i] > 0.25f) { r = Split(x[i], out low); } y[i] = r + low;", true)]
    [TestCase("var (a, b) = Both(x[i]); y[i] = a * b;", true)]
    [TestCase("if (x[i] < 0f) { y[i] = 1f; return; } y[i] = x[i];", true)]
    [TestCase("n = x[i] > 0f ? n : 3; y[i] = n;", true)]
    [TestCase("int k = (int)(x[i] * 1000f); uint u = (uint)k; y[i] = ((k << 3) ^ (k >> 2) ^ (k >>> 5)) + (int)(u >> 7) + (-k) + ~k;", true)]
    [TestCase("int k = (int)(x[i] * 40f); y[i] = (1 << k) + (-1000 >> k) + (k >>> k);", true)]
    [TestCase("byte b = (byte)(int)(x[i] * 400f); short s = (short)(b * 300); y[i] = b + s;", true)]
    [TestCase("bool p = x[i] > 0f, q = x[i] < 0.5f; y[i] = p == q ? 1f : p != !q ? 2f : p ^ q ? 3f : 4f;", true)]
    [TestCase("y[i] = float.IsNaN(x[i]) ? 1f : float.IsInfinity(x[i]) ? 2f : float.IsFinite(x[i] * 1e38f) ? 3f : 4f;", true)]
    [TestCase("y[i] = MathF.Round(x[i] * 4f) + MathF.Floor(x[i]) + MathF.Ceiling(x[i]) + MathF.Truncate(x[i] * 3f);", true)]
    [TestCase("x[i] = x[i] + 1f; y[i] = x[i];", true)]
    [TestCase("switch (n) { case 1: y[i] = 1f; break; case 5: y[i] = x[i]; break; default: y[i] = 3f; break; }", true)]
    [TestCase("float t = x[i]; while (t > 0.1f) t = t / 2f; y[i] = t;", false)]
    [TestCase("int k = (int)(x[i] * 9f); y[i] = k / 3;", false)]
    [TestCase("y[i] = x[i] * (100 / n);", true)]
    [TestCase("y[i] = x[i] > 0f ? 100 / n : 1f;", false)]
    [TestCase("if (x[i] > 0f) y[i] = 100 % n;", false)]
    [TestCase("for (int k = 0; k < 9; k++) { if (x[i] > 0f) break; y[i] = k; }", false)]
    [TestCase("y[i] = (float)(x[i] * 0.1);", true)]
    [TestCase("long k = (long)(x[i] * 1e19f); y[i] = k; x[i] = (float)(ulong)(k * 3);", true)]
    [TestCase("double d = x[i]; d = d > 0.25 ? d * d : -d; y[i] = x[i] > 0f ? (float)d : MathF.Sqrt(x[i]) + (float)(d * n);", true)]
    [TestCase("ulong k = Interop.FloatAsInt(x[i]); y[i] = Interop.IntAsFloat((uint)(k * 3UL)); x[i] = (int)(k >> 7);", true)]
    [TestCase("long k = (long)(x[i] * 9f); y[i] = float.IsNaN(x[i]) ? k : MathF.Max(x[i], k) - MathF.Floor(x[i] * 7f);", true)]
    [TestCase("long k = (int)(x[i] * 900f); short s = (short)k; uint u = (uint)(x[i] * 4e9f); y[i] = (float)u + s; x[i] = -(float)(byte)k;", true)]
    [TestCase("y[i] = x[i] % 3f;", false)]
    public void A_kernel_with_a_vector_form_gives_what_its_method_gives(string body, bool hasVectors)
    {
        string generated = string.Concat(CompiledProgram.Compile(Program(body), "kernel.cs").SyntaxTrees.Select(t => t.ToString()));
        Assert.That(generated.Contains("class FFloat32Simd", StringComparison.Ordinal), Is.EqualTo(hasVectors));
        Assert.That(generated.Contains("it has no SIMD form: ", StringComparison.Ordinal), Is.Not.EqualTo(hasVectors));
        string printed = CompiledProgram.Run(Program(body), "kernel.cs");
        Assert.That(printed.Trim(), Is.EqualTo("same"));
    }

    private static string Program(string body) =>
        $$"""
        using MomentumCore.Kernels.Devices;
        using MomentumCore.Kernels.Dialect;

        unsafe
        {
            const int Count = 77;
            float* memory = stackalloc float[4 * Count];
            var random = new Random(1);
            for (int i = 0; i < Count; i++)
                memory[i] = memory[Count + i] = i % 11 == 10 ? float.NaN : (2f * random.NextSingle()) - 1f;
            var (x, y) = (new ArrayView<float>(memory, Count), new ArrayView<float>(memory + (2 * Count), Count));
            var (x2, y2) = (new ArrayView<float>(memory + Count, Count), new ArrayView<float>(memory + (3 * Count), Count));
            K.F(Device.Cpu, Count, x, y, 5);
            for (int i = 0; i < Count; i++)
                K.F(new Index1D(i), x2, y2, 5);
            for (int i = 0; i < Count; i++)
            {
                if (!x[i].Equals(x2[i]) || !y[i].Equals(y2[i]))
                    Console.WriteLine($"{i}: x {x[i]} {x2[i]}, y {y[i]} {y2[i]}");
            }

            Console.WriteLine("same");
        }

        public static partial class K
        {
            static float Pieces(float t)
            {
                if (t < -0.5f)
                    return -1f;
                float u = t * t;
                if (t < 0f)
                {
                    if (t < -0.25f)
                        return u;
                    else
                        return 2f * u;
                }

                u += 1f;
                return XMath.Exp(u);
            }

            static float Split(float t, out float low)
            {
                float high = MathF.Floor(t * 4f);
                low = t - high;
                return high;
            }

            static (float A, float B) Both(float t)
            {
                if (t > 0f)
                    return (t, 1f);
                return (1f, t);
            }

            [Kernel(FloatOnly = {{(body.Contains("Interop", StringComparison.Ordinal) ? "true" : "false")}})]
            public static void F(Index1D i, ArrayView<float> x, ArrayView<float> y, int n) { {{body}} }
        }
        """;

    private static IEnumerable<MethodInfo> Launchers() =>
        typeof(Arithmetic).Assembly.GetTypes().Where(t => t.Namespace == typeof(Arithmetic).Namespace && t.IsPublic)
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .Where(m => m.GetParameters() is { Length: > 2 } p && p[1].ParameterType == typeof(StridedLayout).MakeByRefType()
                // Hand-written launches that take more than views and numbers have tests of their own.
                && p.Skip(2).All(q => !q.ParameterType.IsByRef));

    private static string Title(MethodInfo launcher) => $"{launcher.DeclaringType!.Name}.{launcher.Name}";

    private static IEnumerable<Type> Views(MethodInfo launcher) =>
        launcher.GetParameters().Select(p => p.ParameterType).Where(t => t.IsGenericType).Select(t => t.GetGenericArguments()[0]);

    /// <summary>Runs both loops over the same numbers.</summary>
    private static void Compare(MethodInfo launcher, StridedLayout layout, long[] lengths)
    {
        var vectors = Run(launcher, layout, lengths, areOn: true);
        var plain = Run(launcher, layout, lengths, areOn: false);
        // One element more than the view has is compared: nothing is written behind the end.
        for (int view = 0; view < lengths.Length; view++)
            Assert.That(vectors[view].Bits, Is.EqualTo(plain[view].Bits), $"{launcher}, view {view} of {lengths[view]}");
    }

    private static bool[] Written(MethodInfo launcher)
    {
        var layout = StridedLayout.Create([200], [.. Views(launcher).Select(_ => new long[] { 1 })]);
        long[] lengths = [.. Views(launcher).Select(_ => 200L)];
        var after = Run(launcher, layout, lengths, areOn: false);
        return [.. Views(launcher).Select((type, i) => !Cells(type, 200, i).Bits.SequenceEqual(after[i].Bits))];
    }
}
