using System.CommandLine;
using System.Diagnostics;
using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Samples;

/// <summary>`momentum convert IN OUT`: weights from one format, naming and precision to another.</summary>
internal static class ConvertCommand
{
    private const int MostMebibytes = 1 << 20;
    private static readonly string[] FloatTypes = ["float16", "bfloat16", "float32", "float64"];

    public static Command Create(AppHost host)
    {
        var input = new Argument<string>("in")
        {
            Description = "A weight file of any format that momentum inspect reads.",
        };
        var output = new Argument<string>("out")
        {
            Description = "The file to write; its ending says the format: .safetensors, .pt, .pth, .npz, .npy.",
        };
        var strip = new Option<string[]>("--strip-prefix")
        {
            Description = "Take this off the names that begin with it, such as module. or net. May be given again.",
            HelpName = "prefix",
        };
        var map = new Option<string[]>("--map")
        {
            Description = "Rename: from=to, where * stands for any letters. from= drops. May be given again.",
            HelpName = "rule",
        };
        var dtype = new Option<string?>("--dtype")
        {
            Description = "Convert tensors of floats to this type; integers stay as they are.",
            HelpName = string.Join('|', FloatTypes),
        };
        dtype.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } got && !FloatTypes.Contains(got))
                result.AddError($"--dtype must be one of {string.Join(", ", FloatTypes)}; got '{got}'.");
        });
        strip.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string[]>()?.Contains("") == true)
                result.AddError("--strip-prefix wants what the names begin with, such as module.; got ''.");
        });
        map.Validators.Add(result =>
        {
            foreach (string rule in result.GetValueOrDefault<string[]>() ?? [])
            {
                if (Problem(rule) is { } problem)
                    result.AddError($"--map: {problem}");
            }
        });
        var shard = SharedOptions.OptionalWhole(
            "--shard", "Write safetensors of at most so many MiB each and an index beside them.", 1, MostMebibytes);
        var quiet = SharedOptions.Quiet();
        var command = new MomentumCommand(
            "convert", "Turn a weight file into another format, with other names or another precision.")
        {
            Examples =
            [
                ("momentum convert resnet18.pth resnet18.safetensors", "PyTorch to safetensors"),
                ("momentum convert out/weights.safetensors weights.pt", "for torch.load(…, weights_only=True)"),
                ("momentum convert ckpt.pt net.pt --strip-prefix net. --map 'optimizer.*='", "a part of a checkpoint"),
                ("momentum convert a.pth b.pth --map 'encoder.*=backbone.*' --map '*.gamma=*.weight'", "other names"),
                ("momentum convert large.pt large.safetensors --dtype bfloat16 --shard 2048", "half size, in pieces"),
            ],
            Notes =
                "First prefixes are stripped, then rules apply, each in the order given and to the names that the " +
                "one before gave. A rule or prefix that fits no name is an error, and so are two tensors with one " +
                "name.\n" +
                "Tensors of bool and of small integers become int32. What is no tensor (epoch, learning rate) goes " +
                "along as metadata into safetensors, and is left out elsewhere.\n" +
                "The file is written whole or not at all. momentum inspect shows what is in it.",
        };
        command.Arguments.Add(input);
        command.Arguments.Add(output);
        foreach (var option in new Option[] { strip, map, dtype, shard, quiet })
            command.Options.Add(option);
        command.SetAction(parse =>
        {
            host.Quiet = parse.GetValue(quiet);
            Convert(
                host,
                parse.GetRequiredValue(input),
                parse.GetRequiredValue(output),
                Names(parse.GetValue(strip) ?? [], parse.GetValue(map) ?? []),
                ToDType(parse.GetValue(dtype)),
                parse.GetValue(shard));
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Convert(
        AppHost host, string input, string output, NameMap names, DType? dtype, int? shardMebibytes)
    {
        long start = Stopwatch.GetTimestamp();
        // What the name asks for is known to be writable before a large file is read.
        var format = WeightFormat.Safetensors;
        if (shardMebibytes == null)
            format = FormatOf(output);
        else if (!output.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
            {
            throw new UserErrorException(
                $"--shard writes safetensors; '{output}' does not end with .safetensors.", ExitCode.Usage);
        }

        using var file = WeightFile.Load(input, Device.Cpu, host.Cancellation);
        using var scope = TensorScope.Begin();
        var renamed = Renamed(names, file);
        if (renamed.Count == 0)
        {
            throw new UserErrorException(
                $"no tensor is left to write: '{input}' holds {file.Count}, and the rules drop all. Leave out a rule " +
                "that ends with =. See: momentum inspect");
        }

        var tensors = Converted(renamed, dtype, host.Cancellation);
        var metadata = format == WeightFormat.Safetensors ? file.Metadata : null;
        if (metadata == null && file.Metadata.Count > 0)
        {
            host.Say(
                $"Left out, as {Called(format)} holds tensors only: {Quantity.Count(file.Metadata.Count, "value")}, such as " +
                $"{string.Join(", ", file.Metadata.Keys.Take(3))}");
        }

        if (shardMebibytes is { } mebibytes)
        {
            output = Path.ChangeExtension(output, ShardedSafetensors.IndexExtension.TrimStart('.'));
            ShardedSafetensors.Save(output, tensors, (long)mebibytes << 20, metadata, host.Cancellation);
        }
        else
        {
            Save(output, tensors, format, metadata, host.Cancellation);
        }

        long bytes = tensors.Values.Sum(t => (long)t.Count * t.DType.Size());
        host.Result(
            $"{output}: {Quantity.Count(tensors.Count, "tensor")}, {Quantity.Bytes(bytes)}, {Called(format)}, in " +
            Quantity.Time(Stopwatch.GetElapsedTime(start)));
    }

    private static string Called(WeightFormat format) => format switch
    {
        WeightFormat.Safetensors => "safetensors",
        WeightFormat.NumPyArchive => "a NumPy archive",
        WeightFormat.NumPyArray => "a NumPy array",
        _ => "PyTorch",
    };

    private static void Save(
        string output,
        IReadOnlyDictionary<string, Tensor> tensors,
        WeightFormat format,
        IReadOnlyDictionary<string, string>? metadata,
        CancellationToken cancellation)
    {
        try
        {
            WeightFile.Save(output, tensors, format, metadata, cancellation);
        }
        catch (DTypeException problem)
        {
            throw new UserErrorException($"{problem.Message} Here: --dtype float32.", inner: problem);
        }
    }

    private static WeightFormat FormatOf(string output)
    {
        try
        {
            return WeightFile.FormatOf(output);
        }
        catch (ArgumentException problem)
        {
            throw new UserErrorException(problem.Message, ExitCode.Usage, problem);
        }
    }

    private static IReadOnlyDictionary<string, Tensor> Renamed(NameMap names, WeightFile file)
    {
        try
        {
            return names.Apply(file);
        }
        catch (ArgumentException problem)
        {
            throw new UserErrorException($"{problem.Message} See: momentum inspect", inner: problem);
        }
    }

    private static IReadOnlyDictionary<string, Tensor> Converted(
        IReadOnlyDictionary<string, Tensor> tensors, DType? dtype, CancellationToken cancellation)
    {
        if (dtype is not { } wanted)
            return tensors;
        // The same tensor under two names stays one.
        var made = new Dictionary<Tensor, Tensor>(ReferenceEqualityComparer.Instance);
        var converted = new OrderedDictionary<string, Tensor>();
        foreach (var (name, tensor) in tensors)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!made.TryGetValue(tensor, out var value))
            {
                made[tensor] = value = tensor.DType.IsInteger() || tensor.DType == wanted ? tensor : tensor.To(wanted);
                // A large file is not held in both types.
                if (value != tensor)
                    tensor.Dispose();
            }

            converted[name] = value;
        }

        return converted;
    }

    private static NameMap Names(string[] prefixes, string[] rules)
    {
        var names = prefixes.Aggregate(new NameMap(), (map, prefix) => map.StripPrefix(prefix));
        return rules.Aggregate(names, (map, rule) => map.Add(rule));
    }

    private static string? Problem(string rule)
    {
        try
        {
            new NameMap().Add(rule);
            return null;
        }
        catch (FormatException problem)
        {
            return problem.Message;
        }
    }

    private static DType? ToDType(string? name) => name switch
    {
        "float16" => DType.Float16,
        "bfloat16" => DType.BFloat16,
        "float32" => DType.Float32,
        "float64" => DType.Float64,
        _ => null,
    };
}
