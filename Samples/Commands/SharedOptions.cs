using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>Options that several commands share, so that they mean and refuse the same everywhere.</summary>
internal static class SharedOptions
{
    private const string Store = "store";
    private const string Recompute = "recompute";
    private const string Exact = "exact";

    /// <summary>--out: the folder for results.</summary>
    public static Option<string> Out() => new("--out", "-o")
    {
        Description = "Folder for what the command writes; made if it is not there.",
        HelpName = "folder",
        DefaultValueFactory = _ => "out",
    };

    /// <summary>--seed: where all random numbers come from.</summary>
    public static Option<int> Seed() =>
        Whole("--seed", "Where all random numbers come from: the same seed gives the same bits.", 1, 0, int.MaxValue);

    /// <summary>--quiet: only results.</summary>
    public static Option<bool> Quiet() => new("--quiet", "-q") { Description = "Print the result line only." };

    /// <summary>--json: for programs.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print JSON, for programs." };

    /// <summary>--profile: where the time goes.</summary>
    public static Option<bool> Profile() =>
        new("--profile") { Description = "Print how often every kernel ran and how long it took on the device." };

    /// <summary>--device: where tensors live; see <see cref="OpenDevice"/>.</summary>
    public static Option<string> DeviceName()
    {
        var option = new Option<string>("--device")
        {
            Description = $"Where to compute; momentum devices lists the names. {Device.EnvironmentVariable} sets the default.",
            HelpName = "name",
            DefaultValueFactory = _ => DefaultDevice().Name,
        };
        option.Validators.Add(result =>
        {
            try
            {
                Device.Parse(result.GetValueOrDefault<string>() ?? "");
            }
            catch (ArgumentException problem)
            {
                result.AddError($"--device: {MomentumApp.WithoutParameter(problem.Message, problem)}");
            }
        });
        return option;
    }

    /// <summary>The device that MOMENTUM_DEVICE names, or the CPU.</summary>
    /// <exception cref="UserErrorException">It names none that is there.</exception>
    public static Device DefaultDevice()
    {
        try
        {
            return Device.Default;
        }
        catch (ArgumentException problem)
        {
            throw new UserErrorException(problem.Message, ExitCode.Usage, problem);
        }
    }

    /// <summary>--threads: how many threads the CPU device uses.</summary>
    public static Option<int> Threads() => Whole(
        "--threads", "Threads of the CPU device. The result does not depend on it, only the time does.",
        Environment.ProcessorCount, 1, 1024);

    /// <summary>The device that --device and --threads ask for.</summary>
    public static Device OpenDevice(string name, int threads)
    {
        var device = Device.Parse(name);
        return device is CpuDevice cpu && cpu.Threads != threads ? new CpuDevice(threads) : device;
    }

    /// <summary>
    /// --memory or --mode: what a momentum network keeps for backward; see <see cref="ToMemoryMode"/>.
    /// </summary>
    public static Option<string> Mode(string name)
    {
        var option = new Option<string>(name)
        {
            Description =
                "store keeps every activation for backward; recompute keeps the last state and runs layers backwards; " +
                "exact does so bit for bit.",
            HelpName = $"{Store}|{Recompute}|{Exact}",
            DefaultValueFactory = _ => Recompute,
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is not (Store or Recompute or Exact) and var got)
                result.AddError($"{name} must be {Store}, {Recompute} or {Exact}; got '{got}'.");
        });
        return option;
    }

    /// <summary>The mode of that name.</summary>
    public static MemoryMode ToMemoryMode(string name) => name switch
    {
        Store => MemoryMode.Store,
        Recompute => MemoryMode.Recompute,
        _ => MemoryMode.Exact,
    };

    /// <summary>The name of that mode.</summary>
    public static string NameOf(MemoryMode mode) => mode switch
    {
        MemoryMode.Store => Store,
        MemoryMode.Recompute => Recompute,
        _ => Exact,
    };

    /// <summary>An option that takes a whole number within limits.</summary>
    public static Option<int> Whole(string name, string description, int standard, int minimum, int maximum) =>
        new(name)
    {
        Description = description,
        HelpName = "n",
        DefaultValueFactory = _ => standard,
        CustomParser = result => ParseWhole(result, name, minimum, maximum) ?? standard,
    };

    /// <summary>
    /// An option that takes a whole number within limits and may be left out; the description says what holds then.
    /// </summary>
    public static Option<int?> OptionalWhole(string name, string description, int minimum, int maximum) => new(name)
    {
        Description = description,
        HelpName = "n",
        CustomParser = result => ParseWhole(result, name, minimum, maximum),
    };

    /// <summary>An option that takes one of some names.</summary>
    public static Option<string> OneOf(string name, string description, string[] names, string standard)
    {
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = string.Join('|', names),
            DefaultValueFactory = _ => standard,
        };
        option.Validators.Add(result => RequireOneOf(result, name, names));
        return option;
    }

    /// <summary>An option that takes one of some names and may be left out.</summary>
    public static Option<string?> OptionalOneOf(string name, string description, string[] names)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = string.Join('|', names) };
        option.Validators.Add(result => RequireOneOf(result, name, names));
        return option;
    }

    /// <summary>An option that takes a number of bytes with a unit and may be left out.</summary>
    public static Option<long?> Size(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "size",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (Quantity.ParseBytes(text) is { } bytes)
                return bytes;
            result.AddError(
                $"{name} must be a size above 0 with a unit (B, KB, MB, GB, KiB, MiB or GiB), as in 200MB; got '{text}'.");
            return null;
        },
    };

    /// <summary>An option that takes a positive number.</summary>
    public static Option<double> Positive(string name, string description, double standard) => new(name)
    {
        Description = description,
        HelpName = "x",
        DefaultValueFactory = _ => standard,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                && value > 0 && double.IsFinite(value))
            {
                return value;
            }

            result.AddError($"{name} must be a number above 0; got '{text}'.");
            return standard;
        },
    };

    /// <summary>An option that takes whole numbers with commas between them, rising.</summary>
    public static Option<NumberList> WholeList(
        string name, string description, NumberList standard, int minimum, int maximum) => new(name)
    {
        Description = description,
        HelpName = "n,n,…",
        DefaultValueFactory = _ => standard,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            var values = new List<int>();
            foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
            {
                if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
                    || value < minimum || value > maximum || (values.Count > 0 && value <= values[^1]))
                {
                    result.AddError($"{name} must be rising whole numbers from {minimum} to {maximum} with commas " +
                        $"between; got '{text}'.");
                    return standard;
                }

                values.Add(value);
            }

            return new NumberList([.. values]);
        },
    };

    private static void RequireOneOf(OptionResult result, string name, string[] names)
    {
        if (result.GetValueOrDefault<string?>() is { } got && !names.Contains(got))
            result.AddError($"{name} must be {string.Join(", ", names[..^1])} or {names[^1]}; got '{got}'.");
    }

    private static int? ParseWhole(ArgumentResult result, string name, int minimum, int maximum)
    {
        string text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
            && value >= minimum && value <= maximum)
        {
            return value;
        }

        string range = maximum == int.MaxValue ? $"of at least {minimum}" : $"from {minimum} to {maximum}";
        result.AddError($"{name} must be a whole number {range}; got '{text}'.");
        return null;
    }
}
