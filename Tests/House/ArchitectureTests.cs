using System.Reflection;
using System.Text.RegularExpressions;

namespace MomentumCore.Tests.House;

/// <summary>The house rules of docs/architecture.md that a machine can check.</summary>
[TestFixture]
internal sealed partial class ArchitectureTests
{
    /// <summary>Each room may use those before it, never those after it.</summary>
    private static readonly string[] Rooms = ["Kernels", "Engine", "Layers", "Reversible", "Samples"];

    private static readonly string[] Libraries = ["Kernels", "Engine", "Layers", "Reversible"];

    [TestCaseSource(nameof(Rooms))]
    public void No_source_file_uses_a_room_above_its_own(string room)
    {
        string[] above = Rooms[(Array.IndexOf(Rooms, room) + 1)..];
        var upward = Repository.Files("*.cs", room)
            .SelectMany(file => above
                .Where(other => Regex.IsMatch(File.ReadAllText(file), $@"\bMomentumCore\.{other}\b"))
                .Select(other => $"{Repository.Relative(file)} uses {other}"));
        Assert.That(upward, Is.Empty);
    }

    [TestCaseSource(nameof(Rooms))]
    public void No_assembly_references_a_room_above_its_own(string room)
    {
        string name = room == "Samples" ? "momentum" : $"MomentumCore.{room}";
        string[] above = [.. Rooms[(Array.IndexOf(Rooms, room) + 1)..].Select(r => r == "Samples" ? "momentum" : $"MomentumCore.{r}")];
        var references = Assembly.Load(name).GetReferencedAssemblies().Select(a => a.Name);
        Assert.That(references.Intersect(above), Is.Empty);
    }

    [Test]
    public void Kernels_know_no_tensors()
    {
        var files = Repository.Files("*.cs", "Kernels").Where(
            f => TensorType().IsMatch(StripComments(File.ReadAllText(f))));
        Assert.That(files.Select(Repository.Relative), Is.Empty);
    }

    [TestCaseSource(nameof(Libraries))]
    public void Libraries_may_be_compiled_ahead_of_time(string room)
    {
        // IsAotCompatible turns the trim and AOT analyzers on, whose warnings are errors here, and marks the assembly.
        var marks = Assembly.Load($"MomentumCore.{room}").GetCustomAttributes<AssemblyMetadataAttribute>();
        Assert.That(marks.Where(m => m.Key == "IsTrimmable").Select(m => m.Value), Is.EqualTo(new[] { "True" }));
        string project = File.ReadAllText(Path.Combine(Repository.Root, room, $"{room}.csproj"));
        Assert.That(project, Does.Contain("<IsAotCompatible>true</IsAotCompatible>"));
        foreach (string file in Repository.Files("*.props").Concat(Repository.Files("*.csproj", room)))
            Assert.That(File.ReadAllText(file), Does.Not.Contain("IL2").And.Not.Contain("IL3").And.Not.Contain("EnableAotAnalyzer"), file);
    }

    [TestCaseSource(nameof(Libraries))]
    public void Libraries_use_no_reflection(string room)
    {
        var files = Repository.Files("*.cs", room)
            .Where(f => !Repository.Relative(f).StartsWith("Kernels/Compiler/", StringComparison.Ordinal))
            .Where(f => Reflection().IsMatch(StripComments(File.ReadAllText(f))));
        Assert.That(files.Select(Repository.Relative), Is.Empty);
    }

    [Test]
    public void Every_file_of_a_library_has_the_namespace_of_its_room()
    {
        var wrong = Libraries.SelectMany(room => Repository.Files("*.cs", room).Select(file => (room, file)))
            .Where(f => !Regex.IsMatch(File.ReadAllText(f.file), $@"^namespace MomentumCore\.{f.room}\b", RegexOptions.Multiline))
            // A type that the C# compiler looks for by its full name.
            .Where(f => Path.GetFileName(f.file) != "IsExternalInit.cs")
            .Select(f => Repository.Relative(f.file));
        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void No_file_has_two_public_types()
    {
        var crowded = Libraries.Append("Samples").SelectMany(room => Repository.Files("*.cs", room))
            .Select(file => (file, count: PublicType().Count(StripComments(File.ReadAllText(file)))))
            .Where(f => f.count > 1)
            .Select(f => $"{Repository.Relative(f.file)} has {f.count}");
        Assert.That(crowded, Is.Empty);
    }

    [Test]
    public void Nothing_is_left_unfinished_or_switched_off()
    {
        // Written apart so that this file does not find itself.
        string[] marks = ["TO" + "DO", "FIX" + "ME", "HA" + "CK", "NotImplemented" + "Exception", "[Ig" + "nore", "Assert.In" + "conclusive", "Assert.Pa" + "ss("];
        var found = Repository.Files("*.cs")
            .SelectMany(file => File.ReadLines(file).Select((line, i) => (file, line, number: i + 1)))
            .Where(l => marks.Any(m => l.line.Contains(m, StringComparison.Ordinal)))
            .Select(l => $"{Repository.Relative(l.file)}:{l.number}");
        Assert.That(found, Is.Empty);
    }

    private static string StripComments(string text) => Comment().Replace(text, "");

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    // Assembly alone is allowed: it is how a native library's resolver is registered.
    [GeneratedRegex(@"\b(MethodInfo|PropertyInfo|FieldInfo|ConstructorInfo|BindingFlags|Activator|GetMethods?|GetProperties|GetFields?|GetTypes|MakeGeneric\w+)\b|System\.Reflection\.Emit")]
    private static partial Regex Reflection();

    [GeneratedRegex(@"\bTensor\b")]
    private static partial Regex TensorType();

    [GeneratedRegex(@"^public\s+(?:(?:static|sealed|abstract|readonly|partial|unsafe|ref)\s+)*(?:class|struct|interface|enum|record|delegate)\b", RegexOptions.Multiline)]
    private static partial Regex PublicType();
}
