using Microsoft.CodeAnalysis;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>Kernels of awkward shape give what C# gives on every device, or say why they cannot.</summary>
[TestFixture]
internal sealed class AwkwardTests
{
    private static readonly float[] Numbers = [0.5f, -3f, 7.25f, 2f, 0f, 1e6f, -0.125f, 3e-45f, 11f, 12f, 13f, 14f, 15f, 16f, 17f, 18f, 19.5f];

    private static IEnumerable<Device> Devices => DeviceViews.AllDevices;

    [Test]
    public void Each_work_item_of_a_group_has_parameters_of_its_own([ValueSource(nameof(Devices))] Device device)
    {
        using var views = new DeviceViews(device);
        AwkwardKernels.Assigned(device, (2, 4), views.Put(new int[8]), 5, 7, new AwkwardKernels.Pair { A = 2, B = 1 });
        int[] expected = [.. Enumerable.Range(0, 8).Select(i => 5 + (i % 4)).Select(n => n + 300 + (10000 * (2 + n) * 3) + 1)];
        Assert.That(views.Get<int>(0, 8), Is.EqualTo(expected));

        using var others = new DeviceViews(device);
        AwkwardKernels.Counted(device, (2, 4), others.Put(1, 2, 3, 4), others.Put(new int[8]), 3);
        Assert.That(others.Get<int>(1, 8), Is.EqualTo(new[] { 12, 18, 24, 6, 12, 18, 24, 6 }));
    }

    [Test]
    public void Truth_values_have_a_byte_in_memory([ValueSource(nameof(Devices))] Device device)
    {
        bool[] x = [true, false, true, true, false, true, false], y = [false, true, true, false, false, true, false];
        int[] z = [1, 2, 3, 0, 1, 2, 5];
        using var views = new DeviceViews(device);
        AwkwardKernels.Truths(device, 7, views.Put(x), views.Put(y), views.Put(z));
        Assert.That(views.Get<byte>(1, 7), Is.EqualTo(x.Zip(z, (a, b) => (byte)(a ^ (b > 1) ? 1 : 0))));
        Assert.That(views.Get<int>(2, 7), Is.EqualTo(x.Zip(y, (a, b) => (b ? 1 : 0) + (a ? 10 : 0))));

        using var shared = new DeviceViews(device);
        AwkwardKernels.SharedTruths(device, (1, 4), shared.Put(true, false, false, true), shared.Put(new bool[4]));
        Assert.That(shared.Get<byte>(1, 4), Is.EqualTo(new byte[] { 0, 1, 1, 0 }));
    }

    [Test]
    public void Constants_have_the_same_bits_in_double_everywhere([ValueSource(nameof(Devices))] Device device)
    {
        double[] x = [.. Numbers.Select(v => (double)v)];
        using var views = new DeviceViews(device);
        AwkwardKernels.Constants(device, x.Length, views.Put(x), views.Put(new double[x.Length]));
        AwkwardKernels.ConstantsAt(device, x.Length, views.Put(x), views.Put(new double[x.Length]));
        // A constant of the kernel's class is computed in double; one of another class is the float that it is there.
        double[] expected = [.. x.Select(v => (v * Math.PI) + (Math.E * (1.0 / 3.0)) + 0.1f + (double.Epsilon * v))];
        Assert.That(views.Get<double>(1, x.Length), Is.EqualTo(expected));
        Assert.That(views.Get<double>(3, x.Length), Is.EqualTo(expected));
    }

    [Test]
    public void Words_of_CSharp_and_OpenCL_are_names([ValueSource(nameof(Devices))] Device device)
    {
        using var views = new DeviceViews(device);
        var (x, n) = (views.Put(Numbers), views.Put(7, 255, -1));
        AwkwardKernels.@class(device, Numbers.Length, x, 2f, new AwkwardKernels.Words { @else = 3 });
        AwkwardKernels.kernel(device, Numbers.Length, x);
        AwkwardKernels.min(device, Numbers.Length, x);
        AwkwardKernels.INFINITY(device, Numbers.Length, x);
        Assert.That(views.Get<float>(0, Numbers.Length), Is.EqualTo(Numbers.Select(v => -MathF.Min(v + 6f + 1f, 0.1f))));
        AwkwardKernels.@void(device, (1, 3), n, 2, new AwkwardKernels.Words { @else = 3 });
        Assert.That(views.Get<int>(1, 3), Is.EqualTo(new[] { 5, 5, 5 }));

        // A helper in another part of the class, in double.
        using var doubles = new DeviceViews(device);
        AwkwardKernels.min(device, 2, doubles.Put(0.5, -2.0));
        Assert.That(doubles.Get<double>(0, 2), Is.EqualTo(new[] { 0.1, -2.0 }));
    }

    [Test]
    public void Names_that_generated_code_makes_are_free([ValueSource(nameof(Devices))] Device device)
    {
        using var views = new DeviceViews(device);
        AwkwardKernels.Beside(device, Numbers.Length, views.Put(Numbers), views.Put(new float[Numbers.Length]), 2f, 1, 2, 3, 0.5f, 0.25f, 8f);
        Assert.That(views.Get<float>(1, Numbers.Length), Is.EqualTo(Numbers.Select(v => (2f * v) + 1 + 2 + 3 + 0.5f + 0.25f + 8f)));
        var layout = StridedLayout.Create([Numbers.Length], [0], [1]);
        AwkwardKernels.Beside(device, layout, views.Put(Numbers), views.Put(new float[Numbers.Length]), 2f, 1, 2, 3, 0.5f, 0.25f, 8f);
        Assert.That(views.Get<float>(3, Numbers.Length), Is.EqualTo(Enumerable.Repeat((2f * 0.5f) + 14.75f, Numbers.Length)));
    }

    [TestCase("float a__b", "MC0016", "two underlines")]
    [TestCase("float i_", "MC0016", "launchers say 'i_' themselves")]
    [TestCase("int count_", "MC0016", "give it another name")]
    public void A_name_that_launchers_need_is_an_error(string parameter, string id, string message)
    {
        string source = Analyzed.Class($"[Kernel] public static void F(Index1D i, ArrayView<float> x, {parameter}) => x[i] = 1f;");
        Expect(source, id, message);
    }

    [TestCase("x[i] = Other.Twice(x[i]);", "'Other.Twice' stays for float in the double form of this kernel")]
    [TestCase("var p = new Point(x[i], 2f); x[i] = p.X + p.Y;", "the floats of 'Point' stay floats")]
    [TestCase("x[i] = Interop.IntAsFloat(Interop.FloatAsInt(x[i]) + 1);", "'Interop.IntAsFloat' speaks of the bits of a float")]
    [TestCase("x[i] = BitConverter.SingleToUInt32Bits(x[i]);", "of which a double has twice as many")]
    [TestCase("x[i] = Made(x[i]).Y;", "use a tuple, or mark it [Kernel(FloatOnly = true)]")]
    public void What_has_no_double_form_is_an_error_and_none_for_a_float_kernel(string body, string message)
    {
        Expect(Source("[Kernel]"), "MC0019", message);
        string only = Source("[Kernel(FloatOnly = true)]");
        Assert.That(Analyzed.Messages(only).Where(m => m.Severity == DiagnosticSeverity.Error), Is.Empty);
        Assert.That(Analyzed.CompilerErrors(only), Is.Empty);

        string Source(string attribute) => Analyzed.Class(
            $"static Point Made(float a) => new(a, 1f); {attribute} public static void F(Index1D i, ArrayView<float> x) {{ {body} }}") +
            "public readonly record struct Point(float X, float Y); public static class Other { public static float Twice(float x) => x * 2f; }";
    }

    [TestCase("static float H(float x) => x + 1f; [Kernel] public static void A(Index1D i, ArrayView<int> y) => y[i] = 1; " +
        "[Kernel] public static void B(Index1D i, ArrayView<float> y) => y[i] = H(y[i]);")]
    [TestCase("const float C = 0.1f; [Kernel(FloatOnly = true)] public static void A(Index1D i, ArrayView<float> y) => y[i] = 1f; " +
        "[Kernel] public static void B(Index1D i, ArrayView<float> y) => y[i] = C;")]
    [TestCase("public enum M { A, B } [Kernel] public static void F(Index1D i, ArrayView<float> y, M m) => y[i] = m == M.B ? 1f : 2f;")]
    [TestCase("public struct S { public float A; } [Kernel] public static void F(Index1D i, ArrayView<float> y, S s) => y[i] = s.A;")]
    [TestCase("[Kernel] public static void F(Index1D i, ArrayView<float> y) => y[i] = Both.Twice(y[i]); } " +
        "static class Both { public static float Twice(float x) => 2f * x; public static double Twice(double x) => 2.0 * x;")]
    [TestCase("[Kernel] public static void F(Index1D i, ArrayView<float> y) => y[i] = H(y[i]); } " +
        "public static partial class K { const float C = 3f; static float H(float x) => C * x;")]
    [TestCase("static float Third(this float x) => x / 3f; [Kernel] public static void F(Index1D i, ArrayView<float> y) => y[i] = y[i].Third().Third() + K.Third(y[i]);")]
    [TestCase("static float H(float x) => x; [MomentumCore.Kernels.Dialect.Kernel] public static void F(Index1D i, ArrayView<float> y) => y[i] = H(y[i]); " +
        "[KernelAttribute] public static void G(Index1D i, ArrayView<float> y) => y[i] = H(y[i]);")]
    [TestCase("static float Take(float[] x) => x[0]; static readonly float[] Table = [1f]; static float Use() => Take(Table); static float F1 = 2f; " +
        "static void Set(ref float a) => a = 1f; static void Change() => Set(ref F1); static float Bits(float x) => BitConverter.SingleToUInt32Bits(x); " +
        "static float ThroughBits(float x) => Bits(x); static T Same<T>(T x) => x; static float Next(Random r) => r.NextSingle(); " +
        "[Kernel] public static void F(Index1D i, ArrayView<float> y) => y[i] = 1f;")]
    [TestCase("const float T = 2f; [Kernel] public static void F(Index1D i, ArrayView<float> y, float by = 2f) { const float U = T * 0.1f; { const int T = 3; y[i] = T * U * by; } }")]
    [TestCase("private static partial float H(float x); private static partial float H(float x) => x * 2f; [Kernel] public static void F(Index1D i, ArrayView<float> y) => y[i] = H(y[i]);")]
    public void Classes_as_users_write_them_compile(string members)
    {
        string source = Analyzed.Class(members);
        Assert.That(Analyzed.Messages(source).Where(m => m.Severity == DiagnosticSeverity.Error), Is.Empty);
        Assert.That(Analyzed.CompilerErrors(source), Is.Empty);
    }

    [Test]
    public void A_namespace_keeps_what_it_uses()
    {
        const string Source =
            """
            using MomentumCore.Kernels.Dialect;
            namespace A.B
            {
                using System.Numerics;
                public static partial class K
                {
                    [Kernel] public static void F(Index1D i, ArrayView<float> y, ArrayView<int> z) => z[i] = BitOperations.PopCount((uint)z[i]);
                }
            }
            """;
        Assert.That(Analyzed.CompilerErrors(Source), Is.Empty);
    }

    [TestCase("static float H(float x) => x; static double H(double x) => x; " +
        "[Kernel] public static void F(Index1D i, ArrayView<float> y) => y[i] = H(y[i]);", null, null)]
    [TestCase("static float H(float x) => x; [Kernel] public static void F(Index1D i, ArrayView<float> y) => y[i] = K.H(y[i]);", null, null)]
    [TestCase("[Kernel] internal static void F(Index1D i, ArrayView<float> y, S s) => y[i] = s.A; } internal struct S { public int A; ", null, null)]
    [TestCase("private struct S { public int A; } [Kernel] private static void F(Index1D i, ArrayView<float> y, S s) => y[i] = s.A;", null, null)]
    [TestCase("[Kernel] public static void F(Index1D i, ArrayView<float> y) => y[i] = 1f; " +
        "public static void F(Device d, int n, ArrayView<float> y) { }", "MC0001", "like a launcher")]
    [TestCase("[Kernel] public static void F(Index1D i, ArrayView<float> y) => y[i] = 1f; public static class Float64 { }", "MC0001", "another name")]
    [TestCase("} file static partial class L { [Kernel] public static void F(Index1D i, ArrayView<float> y) => y[i] = 1f;", "MC0001", "cannot be 'file'")]
    [TestCase("[Kernel(Integers = true)] public static void F(Index1D i, ArrayView<float> y) => y[i] = MathF.Sqrt(y[i]);", "MC0019", "'MathF.Sqrt' has no form for int")]
    [TestCase("[Kernel(Integers = true)] public static void F(Index1D i, ArrayView<float> y) => y[i] = float.IsNaN(y[i]) ? 1f : 0f;", "MC0019", "drop Integers")]
    [TestCase("static float H(float x) => x; [Kernel(Integers = true)] public static void F(Index1D i, ArrayView<float> y) => y[i] = H(y[i]);", "MC0019", "'K.H'")]
    [TestCase("[Kernel(Integers = true)] public static void F(Index1D i, ArrayView<float> y) => y[i] = MathF.Max(y[i], float.MinValue);", null, null)]
    public void Declarations_work_or_say_why_not(string members, string? id, string? message)
    {
        string source = Analyzed.Class(members);
        if (id != null)
            Expect(source, id, message!);
        else
            Classes_as_users_write_them_compile(members);
    }

    [Test]
    public void Other_names_of_MathF_and_of_helpers_are_right_in_double()
    {
        string printed = CompiledProgram.Run(
            """
            global using System.Numerics;
            using MomentumCore.Kernels.Devices;
            using MomentumCore.Kernels.Dialect;
            using static System.MathF;
            using M = System.MathF;

            unsafe
            {
                foreach (var device in new Device[] { Device.Cpu, Device.Emulator })
                {
                    double* x = stackalloc double[2] { 2, 9 };
                    K.Roots(device, 2, new ArrayView<double>(x, 2));
                    Console.WriteLine(x[0] == Math.Sqrt(2) + Math.Floor(2 / 0.3) + Math.PI + 0.1f && x[1] == 3 + Math.Floor(9 / 0.3) + Math.PI + 0.1f);
                    K.Turns(device, 2, new ArrayView<double>(x, 2));
                    Console.WriteLine(x[0] == (Math.PI / 2) + (2 * Math.E) && x[1] == x[0]);
                }
            }

            static partial class K
            {
                static float H(float x) => 0.1f;
                static double H(double x) => 0.1f;
                static float Parts(float x) => Floor(x / 0.3f);
                const float Quarter = PI / 2f;
                [Kernel] public static void Turns(Index1D i, ArrayView<float> x) { int n = i; x[n] = Quarter + (2f * M.E); }
                [Kernel] public static void Roots(Index1D i, ArrayView<float> x) => x[i] = Sqrt(x[i]) + M.Abs(K.Parts(x[i])) + PI + H(x[i]);
            }
            """,
            "kernel.cs");
        Assert.That(printed.ReplaceLineEndings("\n"), Is.EqualTo("True\nTrue\nTrue\nTrue\n"));
    }

    private static void Expect(string source, string id, string message)
    {
        var found = Analyzed.Messages(source).Where(m => m.Severity == DiagnosticSeverity.Error).ToList();
        Assert.That(found.Select(m => m.Id).Distinct(), Is.EqualTo(new[] { id }), string.Join("\n", found));
        Assert.That(string.Join("\n", found.Select(m => m.GetMessage())), Does.Contain(message));
        Assert.That(Analyzed.CompilerErrors(source), Is.Empty, "the rule says it, not generated code");
    }
}
