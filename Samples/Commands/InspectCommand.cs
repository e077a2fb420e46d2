using System.CommandLine;
using System.Text.Json;
using MomentumCore.Engine;

namespace MomentumCore.Samples;

/// <summary>`momentum inspect FILE`: what is in a weight file, without loading it.</summary>
internal static class InspectCommand
{
    private const int MostLetters = 100;

    private static readonly JsonSerializerOptions JsonFormat = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create(AppHost host)
    {
        var file = new Argument<string>("file")
        {
            Description = "A weight file: safetensors or its index, PyTorch's .pt or .pth, NumPy's .npy or .npz.",
        };
        var json = SharedOptions.Json();
        var command = new MomentumCommand(
            "inspect", "Show what is in a weight file: names, types, shapes, bytes. Nothing in the file is run.")
        {
            Examples =
            [
                ("momentum inspect out/weights.safetensors", "a table"),
                ("momentum inspect resnet18.pth", "a state dict or a checkpoint of PyTorch"),
                ("momentum inspect model.safetensors.index.json", "weights in several files"),
                ("momentum inspect out/checkpoint.safetensors --json", "for a script"),
            ],
            Notes =
                "The content decides the format, not the name. Tensors inside dictionaries are named by their path: " +
                "{\"net\": {\"fc.weight\": …}, \"epoch\": 3} shows as net.fc.weight and epoch: 3.\n" +
                "The elements themselves are not read, so large files show at once.",
        };
        command.Arguments.Add(file);
        command.Options.Add(json);
        command.SetAction(parse =>
        {
            string path = parse.GetRequiredValue(file);
            var summary = WeightFile.Inspect(path, host.Cancellation);
            if (parse.GetValue(json))
                host.Result(ToJson(path, summary));
            else
                Show(host, summary);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Show(AppHost host, WeightFileSummary summary)
    {
        host.ShowTable(
            null,
            ["Name", "Type", "Shape", "Elements", "Bytes"],
            summary.Tensors.Select(t => new[]
            {
                Short(t.Name), Short(t.ElementType), Short(ShapeText(t.Shape)), $"{t.Count:N0}", $"{t.Bytes:N0}",
            }),
            leftColumns: 3);
        foreach (var (key, value) in summary.Metadata)
            host.Say($"{Short(key)}: {Short(value)}");
        long elements = summary.Tensors.Sum(t => t.Count), rest = summary.FileBytes - summary.DataBytes;
        host.Result(
            $"{summary.Format}: {Quantity.Count(summary.Tensors.Count, "tensor")}, {elements:N0} elements, " +
            $"{Quantity.Bytes(summary.DataBytes)}" +
            (rest >= 0
                ? $" and {Quantity.Bytes(rest)} around them"
                : $"; {Quantity.Bytes(summary.FileBytes)} of file"));
    }

    private static string ToJson(string path, WeightFileSummary summary) => JsonSerializer.Serialize(
        new
        {
            File = path,
            summary.Format,
            summary.FileBytes,
            summary.DataBytes,
            summary.Metadata,
            Tensors = summary.Tensors.Select(t => new
            {
                t.Name, Type = t.ElementType, t.Shape, t.Bytes, LoadsAs = t.DType?.ToString(),
            }),
        },
        JsonFormat);

    /// <summary>As many sizes as can be shown, and one more.</summary>
    private static string ShapeText(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape.Take(MostLetters))}]";

    /// <summary>One line of a readable length, without letters that move a terminal's cursor.</summary>
    private static string Short(string text)
    {
        string line = string.Concat(text.Take(MostLetters + 1).Select(c => char.IsControl(c) ? '�' : c));
        return line.Length <= MostLetters ? line : line[..MostLetters] + "…";
    }
}
