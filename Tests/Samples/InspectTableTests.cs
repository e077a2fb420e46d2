using System.Text;
using System.Text.Json;
using MomentumCore.Samples;
using MomentumCore.Tests.Engine.Files;

namespace MomentumCore.Tests.Samples;

/// <summary>The table of `momentum inspect`, cell by cell, for every format; its JSON says the same.</summary>
public sealed class InspectTableTests
{
    private const string Head = "Name Type Shape Elements Bytes";

    private static readonly string[] TorchTypes =
    [
        "float32 float32 [2, 3] 6 24", "float64 float64 [3] 3 24", "float16 float16 [4] 4 8",
        "bfloat16 bfloat16 [1, 5] 5 10", "int8 int8 [3] 3 3", "int16 int16 [3] 3 6", "int32 int32 [3] 3 12",
        "int64 int64 [2, 2] 4 32", "uint8 uint8 [3] 3 3", "bool bool [4] 4 4", "special float32 [5] 5 20",
        "edge int64 [2] 2 16", "scalar float32 [] 1 4", "empty float32 [0, 3] 0 0",
    ];

    private static readonly string[] NumPyTypes =
    [
        "bool |b1 [2, 3] 6 6", "int8 |i1 [2, 3] 6 6", "uint8 |u1 [2, 3] 6 6", "int16 <i2 [2, 3] 6 12",
        "uint16 <u2 [2, 3] 6 12", "int32 <i4 [2, 3] 6 24", "uint32 <u4 [2, 3] 6 24", "int64 <i8 [2, 3] 6 48",
        "uint64 <u8 [2, 3] 6 48", "float16 <f2 [2, 3] 6 12", "float32 <f4 [2, 3] 6 24", "float64 <f8 [2, 3] 6 48",
        "swapped >f8 [2] 2 16", "swappedint >i4 [3] 3 12", "fortran <f4 [2, 3] 6 24", "scalar <f4 [] 1 4",
        "empty <f4 [0, 4] 0 0",
    ];

    private static IEnumerable<TestCaseData> Fixtures() =>
    [
        new("types.pt", TorchTypes, "PyTorch: 14 tensors, 46 elements, 166 B and "),
        new("types_legacy.pt", TorchTypes, "PyTorch (before 1.6): 14 tensors, 46 elements, 166 B and "),
        new("types_deflated.pt", TorchTypes, "PyTorch: 14 tensors, 46 elements, 166 B and "),
        new("plain.npz", NumPyTypes, "NumPy archive: 17 tensors, 84 elements, 326 B and "),
        new("deflated.npz", NumPyTypes, "NumPy archive: 17 tensors, 84 elements, 326 B and "),
        new("fortran.npy", new[] { "fortran <f4 [2, 3] 6 24" }, "NumPy array: 1 tensor, 6 elements, 24 B and 128 B"),
    ];

    private static IEnumerable<string> AnyFile() => WeightFixtures.AllFiles()
        .Select(f => Path.GetFileName(f)).Where(n => !n.StartsWith("refused", StringComparison.Ordinal));

    [TestCaseSource(nameof(Fixtures))]
    public void Files_that_PyTorch_and_NumPy_wrote_show_what_they_were_given(string name, string[] rows, string result) =>
        AssertTable(WeightFixtures.PathOf(name), rows, result);

    [Test]
    public void Safetensors_in_one_file_and_in_several_show_the_same_rows()
    {
        using var folder = new TemporaryFolder();
        using var scope = TensorScope.Begin();
        var tensors = new Dictionary<string, Tensor>
        {
            ["a"] = Tensor.Ones([2, 3]),
            ["b.weight"] = Tensor.Ones([4], DType.Float64),
            ["c"] = Tensor.Ones([1, 2, 1]).To(DType.Float16),
            ["d"] = Tensor.Ones([5]).To(DType.BFloat16),
            ["e"] = Tensor.Scalar(7, DType.Int64),
            ["f"] = Tensor.From([1, 2, 3], [3, 1]),
            ["g"] = Tensor.Zeros([0, 9]),
        };
        string[] rows =
        [
            "a F32 [2, 3] 6 24", "b.weight F64 [4] 4 32", "c F16 [1, 2, 1] 2 4", "d BF16 [5] 5 10", "e I64 [] 1 8",
            "f I32 [3, 1] 3 12", "g F32 [0, 9] 0 0",
        ];
        Safetensors.Save(folder["one.safetensors"], tensors);
        ShardedSafetensors.Save(folder["many.safetensors.index.json"], tensors, mostShardBytes: 40);
        Assert.That(Directory.GetFiles(folder.FullPath), Has.Length.GreaterThan(4));
        AssertTable(folder["one.safetensors"], rows, "safetensors: 7 tensors, 21 elements, 90 B and ", ordered: false);
        AssertTable(
            folder["many.safetensors.index.json"], rows, "safetensors in several files (3): 7 tensors, 21 elements, 90 B and ", ordered: false);
    }

    [TestCaseSource(nameof(AnyFile))]
    public void Json_says_what_the_table_says(string name)
    {
        string path = WeightFixtures.PathOf(name);
        using var json = JsonDocument.Parse(AppRun.Of("inspect", path, "--json").Output);
        string[] rows = [.. json.RootElement.GetProperty("tensors").EnumerateArray().Select(t =>
        {
            long[] shape = [.. t.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64())];
            return $"{t.GetProperty("name").GetString()} {t.GetProperty("type").GetString()} [{string.Join(", ", shape)}] " +
                $"{shape.Aggregate(1L, (a, b) => a * b)} {t.GetProperty("bytes").GetInt64()}";
        })];
        Assert.That(rows, Is.Not.Empty);
        AssertTable(path, rows, json.RootElement.GetProperty("format").GetString() + ": ");

        // What is said of loading is what loading does.
        using var loaded = WeightFile.Load(path);
        foreach (var tensor in json.RootElement.GetProperty("tensors").EnumerateArray())
        {
            Assert.That(
                tensor.GetProperty("loadsAs").GetString(),
                Is.EqualTo(loaded[tensor.GetProperty("name").GetString()!].DType.ToString()));
        }
    }

    [Test]
    public void Cells_are_short_and_move_no_cursor()
    {
        using var folder = new TemporaryFolder();
        string name = Safetensor(folder["name.safetensors"], $"\\u001b[2J{new string('n', 300)}", "2");
        Assert.That(Lines(name)[1], Is.EqualTo($"\uFFFD[2J{new string('n', 96)}… F32 [2] 2 8"));
        string shape = Safetensor(folder["shape.safetensors"], "x", "2," + string.Join(",", Enumerable.Repeat("1", 500)));
        Assert.That(Lines(shape)[1], Is.EqualTo($"x F32 [2{string.Concat(Enumerable.Repeat(", 1", 32))}, … 2 8"));

        string array = folder["y.npy"];
        byte[] text = Encoding.Latin1.GetBytes(
            $"{{'descr': '\u001b]0;{new string('t', 120)}', 'fortran_order': False, 'shape': (3,), }}\n");
        File.WriteAllBytes(array, [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, 0, .. text]);
        Assert.That(Lines(array)[1], Is.EqualTo($"y \uFFFD]0;{new string('t', 96)}… [3] 3 0"));
    }

    /// <summary>A file of one tensor of two floats.</summary>
    private static string Safetensor(string path, string name, string shape)
    {
        byte[] header = Encoding.UTF8.GetBytes(
            $"{{\"{name}\":{{\"dtype\":\"F32\",\"shape\":[{shape}],\"data_offsets\":[0,8]}}}}");
        byte[] length = BitConverter.GetBytes((long)header.Length);
        File.WriteAllBytes(path, [.. length, .. header, .. new byte[8]]);
        return path;
    }

    private static void AssertTable(string path, string[] rows, string result, bool ordered = true)
    {
        string[] lines = Lines(path);
        Assert.That(lines[0], Is.EqualTo(Head));
        var shown = lines[1..(1 + rows.Length)];
        Assert.That(shown, ordered ? Is.EqualTo(rows) : Is.EquivalentTo(rows));
        Assert.That(lines[^1], Does.StartWith(result));
        Assert.That(lines[(1 + rows.Length)..^1], Has.All.Match("^[^ ]+: "), "metadata alone follow");
    }

    /// <summary>What is printed, with one blank between cells.</summary>
    private static string[] Lines(string path)
    {
        var run = AppRun.Of("inspect", path);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        return [.. run.Output.TrimEnd().Split('\n').Select(
            l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))];
    }
}
