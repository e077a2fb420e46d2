using System.CommandLine;
using System.Globalization;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.OpenCl;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Samples;

/// <summary>`momentum kernel NAME`: a kernel's C#, what was made of it, and how fast it is here.</summary>
internal static class KernelCommand
{
    private const int StandardCount = 1 << 20;
    private const int EmulatedCount = 1 << 12;
    private const int MostGuesses = 8;
    private const string Single = "float32";
    private const string Twice = "float64";

    public static Command Create(AppHost host)
    {
        var name = new Argument<string?>("name")
        {
            Description = "The kernel, with its family if the name alone is not enough; all are listed without it.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var count = SharedOptions.Whole("--count", "Work items of the timed runs.", StandardCount, 1, 1 << 28);
        var command = new MomentumCommand("kernel", "Show a kernel: its C#, OpenCL C and CPU loop, and its times here.")
        {
            Notes = "Kernels that touch their views at their own index alone are timed on made-up numbers: medians, with the " +
                "wait for the device; the emulator runs fewer work items. Others are timed in a small piece of work that " +
                "launches them; where the CPU runs hand-written loops in their place, their time is shown and said to be.",
            Examples =
            [
                ("momentum kernel", "list all kernels"),
                ("momentum kernel Tanh", "what became of tanh, and its speed on every device"),
                ("momentum kernel Convolution.Forward", "one of several kernels with that name"),
            ],
        };
        command.Arguments.Add(name);
        command.Options.Add(count);
        var dtype = new Option<string>("--dtype")
        {
            Description = "Whose OpenCL C to show. The CPU's loop and the times are those of the first form.",
            HelpName = $"{Single}|{Twice}",
            DefaultValueFactory = _ => Single,
        };
        dtype.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is not (Single or Twice) and var got)
                result.AddError($"--dtype must be {Single} or {Twice}; got '{got}'.");
        });
        command.Options.Add(dtype);
        command.SetAction(parse => parse.GetValue(name) is { } wanted
            ? Show(host, Find(wanted), parse.GetValue(count), parse.GetValue(dtype) ?? Single)
            : List(host));
        return command;
    }

    private static KernelDescription Find(string name)
    {
        var found = KernelCatalog.Find(name);
        if (found.Count == 1)
            return found[0];
        string all = found.Count > 1
            ? $"it is one of {string.Join(", ", found)}"
            : "momentum kernel lists all";
        var near = KernelCatalog.All.Where(k => k.ToString().Contains(name, StringComparison.OrdinalIgnoreCase)).Take(MostGuesses).ToList();
        var meant = found.Count > 0 || near.Count > 0 ? [] : Misspelled(name);
        string guess = meant.Count > 0 ? $"; did you mean {string.Join(", ", meant)}?"
            : found.Count == 0 && near.Count > 0 ? $"; is it {string.Join(", ", near)}?" : ".";
        throw new UserErrorException(
            $"{(found.Count > 1 ? $"'{name}' is the name of several kernels" : $"There is no kernel '{name}'")}; {all}{guess}",
            ExitCode.Usage);
    }

    private static List<string> Misspelled(string name)
    {
        var words = Spelling.Near(name, KernelCatalog.All.SelectMany(k => new[] { k.Name, k.ToString() }).Distinct());
        return
        [
            .. KernelCatalog.All.Where(k => words.Contains(k.Name) || words.Contains(k.ToString())).Select(k => k.ToString())
                .Take(MostGuesses),
        ];
    }

    private static int List(AppHost host)
    {
        host.ShowTable(
            null,
            ["Kernel", "Types", "On the CPU", "C#"],
            KernelCatalog.All.Select(k => new[]
            {
                k.ToString(), string.Join(", ", k.Forms.Select(f => f.Form)), Kind(k), k.Location,
            }),
            leftColumns: 4);
        return ExitCode.Ok;
    }

    private static string Kind(KernelDescription kernel) =>
        kernel.CpuForm.Contains("Vector512", StringComparison.Ordinal) ? "vector loop"
        : kernel.CpuForm.StartsWith("//", StringComparison.Ordinal) ? "plain loop" : "groups";

    private static int Show(AppHost host, KernelDescription kernel, int count, string dtype)
    {
        var form = kernel.Forms.FirstOrDefault(f => string.Equals(f.Form, dtype, StringComparison.OrdinalIgnoreCase));
        if (form == null)
        {
            throw new UserErrorException(
                $"{kernel} has no {dtype} form; it has {string.Join(", ", kernel.Forms.Select(f => f.Form))}.", ExitCode.Usage);
        }

        host.Say($"{kernel} ({string.Join(", ", kernel.Forms.Select(f => f.Form))}), {kernel.Location}");
        Part("C#", kernel.CSharp);
        Part($"OpenCL C ({form.Form})", form.OpenClSource ?? "(none)");
        Part($"On the CPU ({kernel.Forms[0].Form}): {Kind(kernel)}", kernel.CpuForm);
        if (!kernel.IsMap)
        {
            ShowUses(host, kernel);
            return ExitCode.Ok;
        }

        host.Say();
        host.ShowTable(
            null, ["Device", "Work items", "Time", "GB/s"],
            Device.All.Append(Device.Emulator).Select(device => Measure(kernel, device, count)));
        return ExitCode.Ok;

        void Part(string title, string text)
        {
            host.Say($"{Environment.NewLine}--- {title}");
            host.Say(text);
        }
    }

    /// <summary>Arguments of a kernel that is no map cannot be made up: it is timed where it is launched.</summary>
    private static void ShowUses(AppHost host, KernelDescription kernel)
    {
        host.Say();
        host.ShowTable(
            null,
            ["Device", "In", "What runs", "Runs", "Time each"],
            Device.All.Select(device => Uses(kernel, device)),
            leftColumns: 3);
        host.Say("Where it reads and writes depends on its arguments, so that none are made up. In training: momentum bench NAME --profile.");
    }

    private static string[] Uses(KernelDescription kernel, Device device)
    {
        if (kernel.Forms[0].UsesDouble && device is OpenClDevice { HasDouble: false })
            return [device.Name, "-", "nothing: this device has no double", "-", "-"];
        return KernelUse.Find(kernel, device) is { } use
            ?
            [
                device.Name, use.Scene, use.Instead == null ? "the kernel" : $"by hand: {use.Instead}",
                use.Runs.ToString("0.#", CultureInfo.InvariantCulture), Quantity.Milliseconds(use.Milliseconds),
            ]
            : [device.Name, "-", "nothing", "-", "-"];
    }

    private static string[] Measure(KernelDescription kernel, Device device, int count)
    {
        int items = device == Device.Emulator ? Math.Min(count, EmulatedCount) : count;
        var (milliseconds, bytes) = kernel.Measure(device, items);
        return
        [
            device.Name, items.ToString("N0", CultureInfo.InvariantCulture), Quantity.Milliseconds(milliseconds),
            (bytes / milliseconds / 1e6).ToString("0.00", CultureInfo.InvariantCulture),
        ];
    }
}
