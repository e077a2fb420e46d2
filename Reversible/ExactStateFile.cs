using System.Globalization;
using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Reversible;

/// <summary>An exact state as a file: nothing in it is believed before it is checked, because kernels write by it.</summary>
internal static class ExactStateFile
{
    private const string Format = "momentumcore.exact-state.2";
    private const string Remedy = "Write it again with ExactState.Save.";

    public static void Save(string path, ExactState state)
    {
        using var gammas = Tensor.From<double>([.. state.Gammas], [state.Gammas.Count]);
        var tensors = new Dictionary<string, Tensor> { ["x"] = state.X, ["w"] = state.W, ["gammas"] = gammas };
        for (int i = 0; i < state.Side.Planes.Count; i++)
            tensors[$"side.{i}"] = state.Side.Planes[i]!;
        var culture = CultureInfo.InvariantCulture;
        var metadata = new Dictionary<string, string>
        {
            ["format"] = Format,
            ["pushes"] = state.Side.Planes.Count.ToString(culture),
            ["residual"] = state.IsResidual.ToString(culture),
            ["fraction_bits"] = state.FractionBits.ToString(culture),
            ["first_hash"] = state.FirstHash.ToString(culture),
            ["hash"] = state.Hash().ToString(culture),
        };
        Safetensors.Save(path, tensors, metadata);
    }

    public static ExactState Load(string path, Device? device)
    {
        using var file = Safetensors.Load(path, device);
        if (!file.Metadata.TryGetValue("format", out string? format) || format != Format)
        {
            throw new WeightFileException(
                path,
                $"this is no exact state of a momentum network: its format is '{format}', and '{Format}' was wanted.",
                "Write one with ExactState.Save.");
        }

        var taken = new List<Tensor>();
        bool isDone = false;
        try
        {
            var state = Read(path, file, taken);
            isDone = true;
            return state;
        }
        finally
        {
            foreach (var tensor in isDone ? [] : taken)
                tensor.Dispose();
        }
    }

    private static ExactState Read(string path, WeightFile file, List<Tensor> taken)
    {
        Tensor Find(string name) => file.TryGetValue(name, out var tensor)
            ? tensor
            : throw Refused(path, $"the tensor '{name}' is missing.");
        Tensor Take(string name)
        {
            taken.Add(TensorScope.TakeOut(Find(name).Clone()));
            return taken[^1];
        }

        long Number(string name, long least, long most)
        {
            string text = Text(path, file, name);
            bool isNumber = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number);
            return isNumber && number >= least && number <= most
                ? number
                : throw Refused(path, $"its '{name}' is '{text}', and a whole number in {least} … {most} was wanted.");
        }

        double[] gammas = Gammas(path, Find("gammas"));
        int pushes = (int)Number("pushes", 0, gammas.Length);
        int fractionBits = (int)Number("fraction_bits", 1, 50);
        long firstHash = Number("first_hash", long.MinValue, long.MaxValue);
        long hash = Number("hash", long.MinValue, long.MaxValue);
        string form = Text(path, file, "residual");
        if (!bool.TryParse(form, out bool isResidual))
            throw Refused(path, $"its 'residual' is '{form}', and True or False was wanted.");
        var (x, w) = (Take("x"), Take("w"));
        var side = new SideStore(onHost: false);
        for (int i = 0; i < pushes; i++)
        {
            var planes = Take($"side.{i}");
            if (planes.Shape.Rank != 2)
                throw Refused(path, $"the tensor 'side.{i}' has the shape {planes.Shape}, and two axes were wanted.");
            side.Add(planes);
        }

        var state = new ExactState(x, w, side, gammas, isResidual, fractionBits, firstHash);
        if (state.Misfit(Schedule(path, gammas, fractionBits, x.DType)) is { } misfit)
            throw Refused(path, misfit + ".");
        long found = state.Hash();
        return found == hash
            ? state
            : throw Refused(path, $"it is damaged: the hash of what it holds is {found}, and {hash} was written.");
    }

    private static double[] Gammas(string path, Tensor tensor)
    {
        if (tensor.DType != DType.Float64 || tensor.Shape.Rank != 1)
        {
            throw Refused(
                path, $"the tensor 'gammas' is {tensor.DType} {tensor.Shape}, and Float64 with one axis was wanted.");
        }

        double[] gammas = tensor.ToArray<double>();
        foreach (double gamma in gammas)
        {
            if (!(gamma > 0 && gamma <= 1))
                throw Refused(path, $"the tensor 'gammas' holds {gamma}, and numbers above 0 and up to 1 were wanted.");
        }

        return gammas;
    }

    private static ExactSchedule Schedule(string path, double[] gammas, int fractionBits, DType dtype)
    {
        try
        {
            return new ExactSchedule(gammas, new ExactGrid { FractionBits = fractionBits }, dtype);
        }
        catch (Exception e) when (e is ArgumentException or DTypeException)
        {
            throw new WeightFileException(path, $"no network writes such a state: {e.Message}", Remedy, e);
        }
    }

    private static string Text(string path, WeightFile file, string name) =>
        file.Metadata.TryGetValue(name, out string? text) ? text : throw Refused(path, $"its '{name}' is missing.");

    private static WeightFileException Refused(string path, string problem) => new(path, problem, Remedy);
}
