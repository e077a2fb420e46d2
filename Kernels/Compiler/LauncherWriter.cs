using System.Text;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MomentumCore.Kernels.Compiler.Incremental;
using MomentumCore.Kernels.Compiler.Rules;

namespace MomentumCore.Kernels.Compiler;

/// <summary>
/// Writes the methods that launch a kernel and the property that describes it. They are all that other code sees of a
/// kernel, so they follow every keystroke; what they do is written when a program is built.
/// </summary>
/// <remarks>
/// A launcher calls a partial method, which may be without a body: an editor that leaves out what only builds need, and
/// a kernel with a mistake in it, still have launchers.
/// </remarks>
internal sealed record LauncherWriter(string HintName, string Text)
{
    private const string End = ".g.cs";

    /// <summary>The launchers of a kernel; no text where the declaration is not that of a kernel.</summary>
    public static LauncherWriter Of(GeneratorAttributeSyntaxContext kernel, CancellationToken cancel)
    {
        var method = (MethodDeclarationSyntax)kernel.TargetNode;
        var symbol = (IMethodSymbol)kernel.TargetSymbol;
        cancel.ThrowIfCancellationRequested();
        bool isKernel = DeclarationRules.Check(method, symbol).Count == 0;
        return new(KernelSite.Hint(kernel), isKernel ? Write(new KernelShape(method, symbol, kernel.Attributes[0])) : "");
    }

    /// <summary>The file of the launchers, beside the one of the bodies.</summary>
    public string LauncherHint => HintName.Substring(0, HintName.Length - End.Length) + ".Launcher" + End;

    /// <summary>The partial method behind the launchers.</summary>
    public static string Partial(string kernel) => $"{kernel}Launch_";

    /// <summary>The partial method behind the description.</summary>
    public static string Describe(string kernel) => $"{kernel}Describe_";

    private static string Write(KernelShape kernel)
    {
        var text = new StringBuilder(kernel.Head);
        foreach (var form in kernel.Forms)
        {
            string what = $"Runs the kernel <c>{kernel.Name}</c> ({KernelForms.Suffix(form)})";
            string extent = kernel.Extent.Substring(kernel.Extent.IndexOf(' ') + 1);
            Launcher(
                kernel.Axes == 0 ? $"{what} on a device, in groups." : $"{what} on a device, one work item for each index below <paramref name=\"{extent}\"/>.",
                kernel.Extent, extent);
            if (kernel.IsMap)
                Launcher($"{what} over strided and broadcast views.", "in StridedLayout layout_", "in layout_");

            void Launcher(string summary, string parameter, string argument)
            {
                string parameters = $"(Device device_, {parameter}{kernel.Signature(form)})";
                text.Append($"    /// <summary>{summary}</summary>\n");
                text.Append($"    {kernel.Access} static void {kernel.Code}{parameters}\n    {{\n        {Partial(kernel.Name)}(device_, {argument}{kernel.Pass()});\n    }}\n\n");
                text.Append($"    static partial void {Partial(kernel.Name)}{parameters};\n\n");
            }
        }

        text.Append($"    /// <summary>What the kernel compiler made of <c>{kernel.Name}</c>.</summary>\n");
        text.Append($"    internal static KernelDescription {kernel.Name}Description\n    {{\n        get\n        {{\n");
        text.Append($"            KernelDescription? description_ = null;\n            {Describe(kernel.Name)}(ref description_);\n            return description_!;\n        }}\n    }}\n\n");
        text.Append($"    static partial void {Describe(kernel.Name)}(ref KernelDescription? description_);\n}}\n");
        return text.ToString();
    }
}
