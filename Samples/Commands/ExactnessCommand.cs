using System.CommandLine;
using System.Globalization;

namespace MomentumCore.Samples;

/// <summary>`momentum exactness`: gradient error against depth for every way to train without storing.</summary>
internal static class ExactnessCommand
{
    private const string PictureName = "exactness.svg";

    public static Command Create(AppHost host)
    {
        var depths = SharedOptions.WholeList(
            "--depths", "Numbers of layers to measure.", new NumberList(8, 16, 32, 64, 128, 256), 1, 4096);
        var gamma = SharedOptions.Positive("--gamma", "How much of the velocity a layer keeps, below 1.", 0.9);
        gamma.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() > 1)
                result.AddError("--gamma must lie in (0, 1].");
        });
        var seeds = SharedOptions.Whole("--seeds", "Networks that are averaged at each depth.", 3, 1, 1000);
        var outOption = SharedOptions.Out();
        var quiet = SharedOptions.Quiet();
        var command = new MomentumCommand(
            "exactness", "Measure gradient error against depth, reversing in floats and exactly; draw the picture.")
        {
            Notes = "The networks: T different Linear(64,64)-Tanh layers, batch 8. The truth is storing in Float64.\n" +
                $"Writes {PictureName} into the --out folder.",
            Examples =
            [
                ("momentum exactness", "γ 0.9, 8 to 256 layers"),
                ("momentum exactness --gamma 0.5 --depths 4,8,16,32,64", "where floats fail sooner"),
            ],
        };
        foreach (var option in new Option[] { depths, gamma, seeds, outOption, quiet })
            command.Options.Add(option);
        command.SetAction(parse =>
        {
            host.Quiet = parse.GetValue(quiet);
            var folder = OutputFolder.Open(parse.GetValue(outOption)!);
            return Run(host, folder, parse.GetValue(gamma), parse.GetValue(depths)!.Values, parse.GetValue(seeds));
        });
        return command;
    }

    private static int Run(AppHost host, OutputFolder folder, double gamma, int[] depths, int seeds)
    {
        var found = Exactness.Measure(
            gamma, depths, seeds, new DirectProgress<ExactnessRow>(row => host.Say($"depth {row.Depth} …")), host.Cancellation);
        host.ShowTable(
            $"Relative error of the weight gradients, γ = {Quantity.Number(gamma)}:",
            [
                "Depth", "Store", "Exact", $"p = {Exactness.FinerBits}", "Recompute", $"States every {Exactness.Every}",
                "Shadow in Float64", "Exact has Store's bits",
            ],
            found.Rows.Select(r => new[]
            {
                $"{r.Depth}", Text(r.Store), Text(r.Exact), Text(r.Finer), Text(r.Recompute), Text(r.Checkpoints), Text(r.Shadow),
                r.HasBitsOfStore ? "every bit" : "NO",
            }),
            leftColumns: 0);
        folder.Write(PictureName, found.ToChart().ToSvg());
        var deepest = found.Rows[^1];
        host.Result(
            $"At depth {deepest.Depth} the gradient error is {Text(deepest.Exact)} reversing exactly and " +
            $"{Text(deepest.Recompute)} in floats; picture: {folder.PathOf(PictureName)}");
        return found.Rows.All(r => r.HasBitsOfStore) ? ExitCode.Ok : ExitCode.Failed;
    }

    private static string Text(double error) => error.ToString("0.0e0", CultureInfo.InvariantCulture);
}
