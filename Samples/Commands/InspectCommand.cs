using System.CommandLine;
using System.Text.Json;
using MomentumCore.Engine;

namespace MomentumCore.Samples;

/// <summary>`momentum inspect FILE`: what is in a weight file, without loading it.</summary>
internal static class InspectCommand
{
    private static readonly JsonSerializerOptions JsonFormat = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create(AppHost host)
    {
        var file = new Argument<string>("file") { Description = "A .safetensors file, of this app or any other." };
        var json = SharedOptions.Json();
        var command = new MomentumCommand(
            "inspect", "Show what is in a weight file: names, types, shapes, bytes. Reads the header only.")
        {
            Examples =
            [
                ("momentum inspect out/weights.safetensors", "a table"),
                ("momentum inspect out/checkpoint.safetensors --json", "for a script"),
            ],
        };
        command.Arguments.Add(file);
        command.Options.Add(json);
        command.SetAction(parse =>
        {
            string path = parse.GetRequiredValue(file);
            var header = Safetensors.Inspect(path);
            if (parse.GetValue(json))
                host.Result(ToJson(path, header));
            else
                Show(host, header);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Show(AppHost host, SafetensorsHeader header)
    {
        host.ShowTable(
            null,
            ["Name", "Type", "Shape", "Elements", "Bytes"],
            header.Tensors.Select(t => new[]
            {
                t.Name, t.ElementType, $"[{string.Join(", ", t.Shape)}]", $"{Elements(t):N0}", $"{t.Bytes:N0}",
            }),
            leftColumns: 3);
        foreach (var (key, value) in header.Metadata)
            host.Say($"{key}: {value}");
        host.Result(
            $"{header.Tensors.Count} tensors, {header.Tensors.Sum(Elements):N0} elements, " +
            $"{Quantity.Bytes(header.DataBytes)} and {Quantity.Bytes(header.HeaderBytes)} of header");
    }

    private static string ToJson(string path, SafetensorsHeader header) => JsonSerializer.Serialize(
        new
        {
            File = path,
            header.HeaderBytes,
            header.DataBytes,
            header.Metadata,
            Tensors = header.Tensors.Select(t => new { t.Name, Type = t.ElementType, t.Shape, t.Bytes }),
        },
        JsonFormat);

    private static long Elements(SafetensorsEntry entry) =>
        entry.Shape.Aggregate(1L, (product, size) => product * size);
}
