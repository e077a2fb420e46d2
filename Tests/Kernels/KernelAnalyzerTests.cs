using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using MomentumCore.Kernels.Compiler;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>What a kernel may not say: the rule, the place and the words of every message.</summary>
[TestFixture]
internal sealed class KernelAnalyzerTests
{
    /// <summary>The source's broken expressions stand in «».</summary>
    private const string Members =
        """
            static float Setting = 1f;
            static readonly float Fixed = 1f;
            static float Property { get; set; }
            static float Twice(float x) => 2f * x;
            static unsafe delegate*<float, float> pointer;
            static Func<float, float> callback = Twice;
            static Box box = new();
            static IShape shape = new Square();
            static unsafe float* pointed;
            [System.Runtime.InteropServices.DllImport("none")] static extern float Native(float x);
            struct Made { public int N, M; public Made(float a, int n) { N = n; M = n; } public void Deconstruct(out int m, out int n) { m = M; n = N; } }
            record struct Kept(int A, int B) { public int B { get; set; } = B * 2; }
            struct Field { public int A { get => field * 2; set; } }
            [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit)]
            struct Union { [System.Runtime.InteropServices.FieldOffset(0)] public int A; [System.Runtime.InteropServices.FieldOffset(0)] public uint B; }
            static T Same<T>(T x) => x;
            interface IShape { float Area(); }
            [Kernel] public static void G(Index1D i, ArrayView<float> x) => x[i] = 1f;
            struct Square : IShape { public float A; public float Area() => A * A; }
            class Box { public virtual float Size() => 1f; public float Width; }
        """;

    [TestCase("object o = «x[i]»;", "MC0002", "'object'")]
    [TestCase("Box b = «null»;", "MC0002", "'K.Box")]
    [TestCase("List<float> l = «default»;", "MC0002", "List<float>")]
    [TestCase("IShape s = «default(Square)»;", "MC0002", "'K.IShape'")]
    [TestCase("string s = «\"a\"»;", "MC0003", "no strings")]
    [TestCase("y[i] = «$\"{x[i]}\"».Length;", "MC0003", "no strings")]
    [TestCase("y[i] = «nameof(y)».Length;", "MC0003", "no strings")]
    [TestCase("var a = «new float[4]»;", "MC0004", "LocalMemory")]
    [TestCase("float[] a = «{ 1f, 2f }»;", "MC0004", "does not allocate")]
    [TestCase("var b = «new Box()»;", "MC0004", "a view that the caller passes")]
    [TestCase("var b = «new { A = 1f }»;", "MC0004", "does not allocate")]
    [TestCase("List<int> b = «[1, 2]»;", "MC0004", "does not allocate")]
    [TestCase("Span<float> s = «stackalloc float[4]»;", "MC0004", "LocalMemory")]
    [TestCase("«throw new Exception();»", "MC0005", "write a flag or a NaN")]
    [TestCase("y[i] = x[i] > 0f ? x[i] : «throw new Exception()»;", "MC0005", "does not throw")]
    [TestCase("«try { y[i] = 1f; } finally { }»", "MC0005", "does not throw or catch")]
    [TestCase("Func<float> f = «() => 1f»;", "MC0007", "lambdas or delegates")]
    [TestCase("Func<float, float> f = «Twice»;", "MC0007", "lambdas or delegates")]
    [TestCase("y[i] = «callback(1f)»;", "MC0007", "decided at run time")]
    [TestCase("y[i] = «pointer(1f)»;", "MC0007", "static method")]
    [TestCase("y[i] = «box.Size()»;", "MC0007", "'Size' is decided at run time")]
    [TestCase("y[i] = «shape.Area()»;", "MC0007", "'Area' is decided at run time")]
    [TestCase("y[i] = «MathF.Sin(x[i])»;", "MC0008", "use XMath.Sin, which gives the same bits everywhere")]
    [TestCase("y[i] = «MathF.Cbrt(x[i])»;", "MC0008", "XMath has no Cbrt; write a static helper method")]
    [TestCase("y[i] = «Math.Clamp(x[i], 0f, 1f)»;", "MC0008", "Math.Min(Math.Max(x[i], 0f), 1f)")]
    [TestCase("y[i] = «MathF.FusedMultiplyAdd(x[i], x[i], 1f)»;", "MC0008", "((x[i] * x[i]) + 1f)")]
    [TestCase("«Console.WriteLine()»;", "MC0008", "no device has it")]
    [TestCase("y[i] = «Native(1f)»;", "MC0008", "'Native' has no body that a device could run")]
    [TestCase("y[i] = «Environment.TickCount»;", "MC0009", "its parameters only")]
    [TestCase("y[i] = «Setting»;", "MC0009", "not the field 'Setting'; make it const or pass it as a parameter")]
    [TestCase("y[i] = «Fixed»;", "MC0009", "not the field 'Fixed'")]
    [TestCase("«Setting» = x[i];", "MC0009", "not the field 'Setting'")]
    [TestCase("y[i] = «Property»;", "MC0009", "not the property 'Property'")]
    [TestCase("«z[i]» = 1f;", "MC0010", "'z' is passed with 'in'")]
    [TestCase("«z[i]» += 1f;", "MC0010", "drop 'in'")]
    [TestCase("«z[i]»++;", "MC0010", "drop 'in'")]
    [TestCase("var part = z.SubView(1, 2); «part[0]» = 1f;", "MC0010", "only read")]
    [TestCase("«z.SubView(1, 2)[0]» = 1f;", "MC0010", "only read")]
    [TestCase("var s = «LocalMemory.Allocate<float>(n)»; y[i] = s[0];", "MC0011", "positive constant")]
    [TestCase("if (n > 0) { var s = «LocalMemory.Allocate<float>(4)»; y[i] = s[0]; }", "MC0011", "at the top of the kernel")]
    [TestCase("var s = «LocalMemory.Allocate<int>(100000000)»; y[i] = s[0];", "MC0011", "400000000 bytes of local memory for each work item; 65536 is the most")]
    [TestCase("var s = LocalMemory.Allocate<float>(16384); var t = «LocalMemory.Allocate<byte>(1)»; y[i] = s[0] + t[0];", "MC0011", "65537 bytes")]
    [TestCase("«G(Device.Cpu, 3, y)»;", "MC0008", "a kernel cannot launch a kernel: 'G' with a device runs on the host")]
    [TestCase("«Group.Barrier()»;", "MC0012", "leave the index out")]
    [TestCase("y[i] = «Group.IdxX»;", "MC0012", "leave the index out")]
    [TestCase("y[i] = «Grid.GlobalIndex».X;", "MC0012", "leave the index out")]
    [TestCase("var s = «SharedMemory.Allocate<float>(4)»; y[i] = s[0];", "MC0012", "leave the index out")]
    [TestCase("float t = 0f; y[i] = («t = x[i]»);", "MC0014", "a statement of its own")]
    [TestCase("int k = 0; y[i] = x[«k++»];", "MC0014", "a statement of its own")]
    [TestCase("y[i] = checked(«1 + i»);", "MC0015", "remove 'checked'")]
    [TestCase("decimal d = «1m»;", "MC0015", "cannot compute with 'decimal'")]
    [TestCase("y[i] = «Same(x[i])»;", "MC0015", "the generic method 'Same'")]
    [TestCase("«foreach (int k in new[] { 1 }) y[i] = k;»", "MC0015", "not part of the kernel language")]
    [TestCase("«float Local() => 1f;»", "MC0015", "local functions")]
    [TestCase("«float Local(float t) => t;» y[i] = Local(x[i]);", "MC0015", "use a static helper method of the class")]
    [TestCase("ref float «t = ref x[i]»;", "MC0015", "no ref locals")]
    [TestCase("y[i] = n switch { 1 => 2f, «> 3 => 4f» };", "MC0015", "the last arm of a switch in a kernel must be '_'")]
    [TestCase("var t = (n, n); if («t» is (1, 2)) y[i] = 1f;", "MC0015", "compare the parts of a struct or tuple")]
    [TestCase("«again: goto again;»", "MC0015", "goto is not part of the kernel language; use a loop")]
    [TestCase("switch (n) { case 1: «goto case 2;» case 2: y[i] = 1f; break; }", "MC0015", "goto is not part")]
    [TestCase("«lock (box) y[i] = 1f;»", "MC0015", "use Atomic")]
    [TestCase("if («(n, 1) == (2, n)») y[i] = 1f;", "MC0015", "compare their parts")]
    [TestCase("«y» = x;", "MC0015", "a view stays where its declaration put it")]
    [TestCase("var v = «n > 2 ? x : y»; v[i] = 1f;", "MC0015", "choose between elements instead, as in c ? x[i] : y[i]")]
    [TestCase("ArrayView<float> «v»; y[i] = 1f;", "MC0015", "by where it is declared")]
    [TestCase("var p = «new Made(x[i], 1)»; y[i] = p.N;", "MC0015", "cannot run the constructor of 'Made'")]
    [TestCase("var p = «new Kept(1, 2)»; y[i] = p.B;", "MC0015", "cannot run the constructor of 'Kept'")]
    [TestCase("«var (a, b)» = default(Made); y[i] = a + b;", "MC0015", "cannot run the Deconstruct of 'Made'")]
    [TestCase("Field f = default; y[i] = «f.A»;", "MC0015", "'A' is computed")]
    [TestCase("Union u = «default»; y[i] = 1f;", "MC0015", "cannot compute with 'K.Union'")]
    [TestCase("y[i] = «*pointed»;", "MC0015", "reaches memory through views, not pointers")]
    [TestCase("int c = unchecked(«(int)5e9f»); x[i] = c;", "MC0015", "C# leaves open what 5000000000 is as 'int'")]
    [TestCase("const byte C = unchecked(«(byte)256.5f»); x[i] = C;", "MC0015", "write the whole number")]
    [TestCase("x[i] = «(n, 2)» switch { (1, 2) => 1f, _ => 2f };", "MC0015", "compares one number with patterns")]
    public void What_a_kernel_may_not_say_is_an_error_on_the_offending_expression(
        string body, string id, string message)
    {
        var (source, marked) = Marked(body);
        var found = Analyzed.Messages(source);
        Assert.That(found.Select(d => d.Id), Is.EqualTo(new[] { id }), string.Join("\n", found));
        Assert.That(found[0].Severity, Is.EqualTo(DiagnosticSeverity.Error));
        Assert.That(found[0].GetMessage(), Does.Contain(message));
        Assert.That(Text(source, found[0]), Is.EqualTo(marked));
        Assert.That(found[0].Descriptor.HelpLinkUri, Is.EqualTo($"docs/diagnostics/{id}.md"));
    }

    [TestCase("var s = «SharedMemory.Allocate<float>(n)»; x[0] = s[0];", "MC0011", "use SharedMemory.GetDynamic<T>()")]
    [TestCase("for (int k = 0; k < n; k++) { var s = «SharedMemory.Allocate<float>(4)»; x[k] = s[0]; }", "MC0011", "at the top of the kernel")]
    [TestCase("var s = «SharedMemory.Allocate<float>(20000000)»; x[0] = s[0];", "MC0011", "80000000 bytes of shared memory for each group")]
    [TestCase("if (Group.IdxX > 0) «Group.Barrier()»;", "MC0013", "depends on Group.IdxX")]
    [TestCase("if (x[0] > 0f) { bool any = «Group.BarrierOr(n > 0)»; x[1] = any ? 1f : 0f; }", "MC0013", "what is read from 'x'")]
    [TestCase("for (int k = 0; k < n; k++) { if (n > k + 2) «return;» Group.Barrier(); }", "MC0013", "leave a loop by its condition")]
    [TestCase("«y[0]» = 1f;", "MC0010", "drop 'in'")]
    [TestCase("if (Group.IdxX > 2) «Wait()»; x[0] = 1f;", "MC0013", "the barrier in this call: the way here depends on Group.IdxX")]
    [TestCase("for (int k = 0; k < n; k++) x[k] = «Shared()»;", "MC0011", "'Shared' allocates memory, which is there from the start")]
    [TestCase("x[0] = Group.IdxX > 2 ? «Group.Broadcast(1f, 0)» : 2f;", "MC0013", "depends on Group.IdxX")]
    [TestCase("if (Group.IdxX > 2 && «Group.BarrierAnd(true)») x[0] = 1f;", "MC0013", "depends on Group.IdxX")]
    public void What_a_kernel_in_groups_may_not_say_is_an_error_on_the_offending_expression(string body, string id, string message)
    {
        const string Helpers = "static void Wait() => Group.Barrier(); static float Shared() { var s = SharedMemory.Allocate<float>(4); return s[0]; } ";
        string source = Analyzed.Class($"{Helpers}[Kernel] public static void F(ArrayView<float> x, in ArrayView<float> y, int n) {{ {Bare(body)} }}");
        var found = Analyzed.Messages(source);
        Assert.That(found.Select(d => d.Id), Is.EqualTo(new[] { id }), string.Join("\n", found));
        Assert.That(found[0].GetMessage(), Does.Contain(message));
        Assert.That(Text(source, found[0]), Is.EqualTo(Inside(body)));
    }

    [TestCase("static float Fail(float x) => x > 0f ? x : «throw new Exception()»;", "Fail", "MC0005", "does not throw")]
    [TestCase("static float Again(float x) => x > 0f ? 1f : «Again(x + 1f)»;", "Again", "MC0006", "'Again' calls itself; use a loop")]
    [TestCase("static float There(float x) => Back(x); static float Back(float x) => «There(x)»;", "There", "MC0006", "use a loop")]
    [TestCase("static float Name(float x) { string s = «\"a\"»; return x; }", "Name", "MC0003", "no strings")]
    public void A_helper_keeps_to_the_rules_too_and_says_so_once(string helper, string name, string id, string message)
    {
        string kernels = $"[Kernel] public static void F(Index1D i, ArrayView<float> x) => x[i] = {name}(x[i]); [Kernel] public static void G(Index1D i, ArrayView<float> x) => x[i] = 2f * {name}(x[i]);";
        string source = Analyzed.Class(Bare(helper) + kernels);
        var found = Analyzed.Messages(source);
        Assert.That(found.Select(d => d.Id), Is.EqualTo(new[] { id }), string.Join("\n", found));
        Assert.That(found[0].GetMessage(), Does.Contain(message));
        Assert.That(Text(source, found[0]), Is.EqualTo(Inside(helper)));
    }

    [TestCase("Index1D i, «string s»", "'s' of kernel 'F': it is a 'string'; pass an ArrayView<T>, a number or a struct of numbers")]
    [TestCase("Index1D i, «float[] x»", "it is a 'float[]'")]
    [TestCase("Index1D i, «Span<float> x»", "it is a 'System.Span<float>'")]
    [TestCase("Index1D i, «float* x»", "it is a 'float*'")]
    [TestCase("Index1D i, «decimal x»", "pass an ArrayView<T>, a number")]
    [TestCase("Index1D i, «Func<float> f»", "it is a 'System.Func<float>'")]
    [TestCase("Index1D i, «ref float x»", "write results to a view")]
    [TestCase("Index1D i, «out float x»", "write results to a view")]
    [TestCase("Index1D i, «in float x»", "numbers are passed by value")]
    [TestCase("Index1D i, «ArrayView<decimal> x»", "a view holds numbers, not 'decimal'")]
    [TestCase("Index1D i, «Named s»", "it is a 'K.Named'")]
    [TestCase("Index1D i, «float? x»", "which may be null; pass the number")]
    [TestCase("Index1D i, «char x»", "it is a 'char'; pass it as a ushort")]
    [TestCase("Index1D i, «Hidden s»", "its field '_a' cannot be read from here")]
    [TestCase("Index1D i, «Outer s»", "its field 'Inner': its field 'B': it is a 'decimal'")]
    public void A_parameter_that_no_device_can_be_handed_is_an_error(string parameters, string message)
    {
        string source = Analyzed.Class(
            """
            internal struct Named { public string Text; }
            internal struct Hidden { private float _a; public Hidden(float a) => _a = a; public readonly float A => _a; }
            internal struct Inner { public decimal B; }
            internal struct Outer { public Inner Inner; }
            """ + $"\n[Kernel] public static unsafe void F({Bare(parameters)}) {{ {(parameters.Contains("out ", StringComparison.Ordinal) ? "x = 1f;" : "")} }}");
        var found = Analyzed.Messages(source);
        Assert.That(found.Select(d => d.Id), Is.EqualTo(new[] { "MC0016" }), string.Join("\n", found));
        Assert.That(found[0].GetMessage(), Does.Contain(message));
        Assert.That(Text(source, found[0]), Is.EqualTo(Inside(parameters)));
    }

    [TestCase("public partial class K { [Kernel] public void «F»(Index1D i, ArrayView<float> x) { } }", "add 'static'")]
    [TestCase("public partial class K { [Kernel] public static «int» F(Index1D i, ArrayView<float> x) => 1; }", "write the result to a view")]
    [TestCase("public partial class K { [Kernel] public static void F«<T>»(Index1D i, ArrayView<float> x) { } }", "without type parameters")]
    [TestCase("public partial class K { [Kernel] public static «async» void F(Index1D i, ArrayView<float> x) { } }", "cannot be async")]
    [TestCase("public class «K» { [Kernel] public static void F(Index1D i, ArrayView<float> x) { x[i] = 1f; } }", "must be partial")]
    [TestCase("public partial class O { public partial class «K» { [Kernel] public static void F(Index1D i, ArrayView<float> x) { } } }", "not nested")]
    [TestCase("public partial class «K»<T> { [Kernel] public static void F(Index1D i, ArrayView<float> x) { } }", "or generic")]
    [TestCase("public partial struct K { [Kernel] public static void «F»(Index1D i, ArrayView<float> x) { } }", "in a partial class")]
    [TestCase("public partial class K { [Kernel] public static void F«()» { } }", "needs a view to write to")]
    [TestCase("public partial class K { [Kernel] public static void F(«ref Index1D i», ArrayView<float> x) { } }", "by value")]
    [TestCase("public partial class K { [Kernel] public static void F(ArrayView<float> x, «Index1D i») => x[i] = 1f; }", "put it first")]
    [TestCase("public partial class K { [Kernel] public static void «F»(Index1D i) { } }", "has nothing to write to")]
    [TestCase("public partial class K { [Kernel] public static void «F»(Index1D i, float a) { } }", "has nothing to write to")]
    public void What_is_no_kernel_is_an_error_where_it_is_not(string type, string message)
    {
        string source = "using MomentumCore.Kernels.Dialect;\n" + Bare(type);
        var found = Analyzed.Messages(source);
        Assert.That(found.Select(d => d.Id), Is.EqualTo(new[] { "MC0001" }), string.Join("\n", found));
        Assert.That(found[0].GetMessage(), Does.Contain(message));
        Assert.That(Text(source, found[0]), Is.EqualTo(Inside(type)));
    }

    [Test]
    public void All_mistakes_of_a_kernel_are_reported_at_once_in_their_places()
    {
        var (source, _) = Marked(
            """
            «»string s = "a";
            var b = new Box();
            if (x[i] > 0f)
            {
                y[i] = MathF.Sin(x[i]);
                throw new Exception();
            }

            for (int k = 0; k < 3; k++)
                y[i] += Setting;
            z[i] = 2f;
            """);
        var found = Analyzed.Messages(source);
        Assert.That(
            found.Select(d => (d.Id, Text(source, d))),
            Is.EqualTo(new[]
            {
                ("MC0003", "\"a\""), ("MC0004", "new Box()"), ("MC0008", "MathF.Sin(x[i])"),
                ("MC0005", "throw new Exception();"),
                ("MC0009", "Setting"), ("MC0010", "z[i]"),
            }));
    }

    [TestCase("x[i] = 1f; «G(device, 3, x)»;", "")]
    [TestCase("Inner(x);", "static void Inner(ArrayView<float> x) => «G(Device.Cpu, 3, x)»;")]
    public void A_launch_from_a_kernel_is_reported_by_the_generator_alone_and_beside_its_launchers(string body, string helper)
    {
        string source = Analyzed.Class(
            "static Device device = Device.Cpu; [Kernel] public static void G(Index1D i, ArrayView<float> x) => x[i] = 1f; " +
            $"{Bare(helper)} [Kernel] public static void F(Index1D i, ArrayView<float> x) {{ {Bare(body)} }}");
        var driver = CSharpGeneratorDriver.Create(new KernelGenerator())
            .RunGeneratorsAndUpdateCompilation(Analyzed.Compilation(source), out var complete, out var generated);
        Assert.That(driver.GetRunResult().Diagnostics, Is.Not.Empty);
        foreach (var found in new[] { generated, [.. Analyzed.Messages(complete)] })
        {
            Assert.That(found.Select(d => d.Id), Is.EqualTo(new[] { "MC0008" }), string.Join("\n", found));
            Assert.That(found[0].GetMessage(), Does.Contain("a kernel cannot launch a kernel: 'G'"));
            Assert.That(Text(source, found[0]), Is.EqualTo(Inside(body + helper)));
        }
    }

    [Test]
    public void An_error_cannot_be_silenced()
    {
        string source = "#pragma warning disable MC0003\n" + Marked("«string s = \"a\";»").Source;
        Assert.That(
            Analyzed.Messages(source).Select(d => (d.Id, d.IsSuppressed)), Is.EqualTo(new[] { ("MC0003", false) }));
    }

    [TestCase("y[i] = «x[i + 1]»;", "it uses 'x' otherwise than as x[i]")]
    [TestCase("y[i] = «i»;", "it uses the index 'i' as a number")]
    [TestCase("y[i] = «x».Length;", "it uses 'x' otherwise than as x[i]")]
    [TestCase("float t = x[i]; while (t > 0.1f) t = t / 2f; y[i] = t;", "'F' runs one work item at a time on the CPU in float, double: a loop runs more often for some work items than for others")]
    [TestCase("y[i] = x[i] % 3f;", "in float, double: it takes a remainder")]
    public void A_kernel_without_a_SIMD_form_gets_a_message_that_says_why(string body, string message)
    {
        var (source, marked) = Marked(body.Contains('«', StringComparison.Ordinal) ? body : body + "«»");
        var found = Analyzed.Messages(source);
        Assert.That(
            found.Select(d => (d.Id, d.Severity)),
            Is.EqualTo(new[] { ("MC0017", DiagnosticSeverity.Info) }),
            string.Join("\n", found));
        Assert.That(found[0].GetMessage(), Does.Contain(message));
        Assert.That(Text(source, found[0]), Is.EqualTo(marked.Length == 0 ? "F" : marked));
    }

    [TestCase("y[i] = (float)«Math.Sqrt»(x[i]);", "MathF.Sqrt keeps to float")]
    [TestCase("y[i] = (float)«Math.Floor»(x[i] + 1f);", "MathF.Floor keeps to float")]
    public void Math_of_a_float_gets_a_message(string body, string message)
    {
        var (source, marked) = Marked(body);
        var found = Analyzed.Messages(source).Single(d => d.Id == "MC0018");
        Assert.That(found.Severity, Is.EqualTo(DiagnosticSeverity.Info));
        Assert.That(found.GetMessage(), Does.Contain(message));
        Assert.That(Text(source, found), Is.EqualTo(marked));
    }

    [TestCase("y[i] = Missing(x[i]);")] // C#'s own error is enough
    [TestCase("y[i] = MathF.Sqrt(x[i]) + Twice(x[i]) + (n > 2 ? 1f : z[i]);")]
    [TestCase("double t = x[i]; y[i] = (float)Math.Sqrt(t) * 0f + Math.Min(x[i], 1f);")]
    public void A_kernel_that_keeps_to_the_rules_gets_no_error(string body, params string[] messages)
    {
        var found = Analyzed.Messages(Marked(body + "«»").Source);
        Assert.That(found.Select(d => d.Id), Is.EqualTo(messages), string.Join("\n", found));
    }

    private static (string Source, string Marked) Marked(string body)
    {
        string kernel = $"[Kernel] public static unsafe void F(Index1D i, ArrayView<float> x, ArrayView<float> y, in ArrayView<float> z, int n) {{ {Bare(body)} }}";
        return (Analyzed.Class(Members + "\n" + kernel), Inside(body));
    }

    private static string Bare(string marked) =>
        marked.Replace("«", "", StringComparison.Ordinal).Replace("»", "", StringComparison.Ordinal);

    private static string Inside(string marked) => marked.Split('«', '»')[1];

    private static string Text(string source, Diagnostic message) =>
        source.Substring(message.Location.SourceSpan.Start, message.Location.SourceSpan.Length);
}
