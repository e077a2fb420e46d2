using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using MomentumCore.Kernels.Compiler;
using MomentumCore.Tests.Samples;

namespace MomentumCore.Tests.Support;

/// <summary>Compiles a C# program as a user's project would, kernel compiler included, and runs it.</summary>
internal static class CompiledProgram
{
    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; " +
        "global using System.Threading; global using System.Threading.Tasks;";

    // Read once: hundreds of assemblies.
    private static readonly MetadataReference[] Platform =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => !Path.GetFileName(p).StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal))
            .Select(p => MetadataReference.CreateFromFile(p)),
    ];

    /// <summary>What the program prints as a process of its own, with none of the switches of the tests.</summary>
    public static string RunAlone(string source, string name)
    {
        using var folder = new TemporaryFolder();
        foreach (string library in Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll"))
        {
            string file = Path.GetFileName(library);
            if (file.StartsWith("MomentumCore.", StringComparison.Ordinal) || file == "System.Numerics.Tensors.dll")
                File.Copy(library, folder[file]);
        }

        var version = Environment.Version;
        File.WriteAllText(
            folder["program.runtimeconfig.json"],
            $$"""
            { "runtimeOptions": { "framework": { "name": "Microsoft.NETCore.App", "version": "{{version}}" } } }
            """);
        File.WriteAllBytes(folder["program.dll"], Image(source, name));
        var run = AppProcess.OfProgram(folder["program.dll"]);
        Assert.That(run.ExitCode, Is.Zero, $"{name} failed: {run.Error}");
        return run.Output;
    }

    /// <summary>What the program prints.</summary>
    public static string Run(string source, string name)
    {
        using var image = new MemoryStream(Image(source, name));
        var context = new AssemblyLoadContext(name, isCollectible: true);
        var entry = context.LoadFromStream(image).EntryPoint!;
        var console = Console.Out;
        using var output = new StringWriter();
        try
        {
            Console.SetOut(output);
            object? returned = entry.Invoke(null, entry.GetParameters().Length == 0 ? null : [Array.Empty<string>()]);
            (returned as Task)?.GetAwaiter().GetResult();
        }
        catch (TargetInvocationException failure)
        {
            Assert.Fail($"{name} failed: {failure.InnerException}");
        }
        finally
        {
            Console.SetOut(console);
            context.Unload();
        }

        return output.ToString();
    }

    private static byte[] Image(string source, string name)
    {
        using var image = new MemoryStream();
        var result = Compile(source, name).Emit(image);
        var errors = result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).ToList();
        Assert.That(errors, Is.Empty, $"{name} does not compile");
        return image.ToArray();
    }

    /// <summary>The compilation with what the kernel compiler adds.</summary>
    public static Compilation Compile(string source, string name)
    {
        Compilation compilation = CSharpCompilation.Create(
            "doc_" + Guid.NewGuid().ToString("N"),
            [CSharpSyntaxTree.ParseText(ImplicitUsings, path: "usings.cs"), CSharpSyntaxTree.ParseText(source, path: name)],
            References(),
            new CSharpCompilationOptions(
                OutputKind.ConsoleApplication,
                allowUnsafe: true,
                nullableContextOptions: NullableContextOptions.Enable));
        CSharpGeneratorDriver.Create(new KernelGenerator())
            .RunGeneratorsAndUpdateCompilation(compilation, out compilation, out _);
        return compilation;
    }

    public static IEnumerable<MetadataReference> References() => Platform;
}
