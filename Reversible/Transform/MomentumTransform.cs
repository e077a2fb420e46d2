using System.Globalization;
using MomentumCore.Layers;

namespace MomentumCore.Reversible;

/// <summary>
/// Turns chosen parts of a model that is already there into their momentum form, with the same parameters:
/// <c>MomentumTransform.Apply(resnet)</c>.
/// </summary>
/// <remarks>
/// <para>A part is a <see cref="Sequential"/> or a <see cref="ModuleList"/> of layers that keep the shape of their input.
/// What it holds becomes one <see cref="MomentumNet"/> of these layers, which whoever runs through the list calls as it
/// called each of them: extra inputs, such as a decoder's memory and masks, reach every layer.</para>
/// <para>With isResidual false (a layer is x ↦ x + f(x) itself, such as a block of a ResNet or a Transformer, or any map
/// that is to be kept at γ = 0) layer(x) − x is what moves the velocity; with isResidual true the layer is f, and the
/// momentum network adds x: a model that adds x around each f must not do so around it, as in
/// <c>x = f is MomentumNet ? f.Call(x) : x + f.Call(x)</c>.</para>
/// <para>The results are named as those of <c>transform_to_momentumnet</c> in the authors' PyTorch package:
/// <c>layer1.0.conv1.weight</c> for a first layer that is kept, <c>layer1.1.0.network.0.conv1.weight</c> for the layers
/// after it, and <c>layers.0.network.0.…</c> where none is kept.</para>
/// </remarks>
public static class MomentumTransform
{
    /// <summary>The stages of a ResNet: what is transformed unless something else is asked for.</summary>
    public static IReadOnlyList<string> ResNetStages { get; } = ["layer1", "layer2", "layer3", "layer4"];

    /// <summary>Makes a copy of a model in which parts are momentum networks. The model is left as it is.</summary>
    /// <param name="model">
    /// The model. It has to say how to make another one like it (<see cref="Module.NewLike"/>), as all of this library
    /// do; or say it here with <paramref name="newLike"/>; or use <see cref="ApplyInPlace"/>, which needs neither.
    /// </param>
    /// <param name="subLayers">
    /// Dotted paths of the parts, such as <c>encoder.layers</c>; <see cref="ResNetStages"/> when left out.
    /// </param>
    /// <param name="gamma">γ in [0, 1], how much of the velocity is kept; 0 is the model as it was.</param>
    /// <param name="memory">What the momentum networks keep for backward.</param>
    /// <param name="keepFirstLayer">
    /// Whether the first layer of each part stays what it is, outside of the momentum network: for parts whose first
    /// layer changes the shape. Each part then needs two layers or more.
    /// </param>
    /// <param name="isResidual">Whether the layers are f, to which x is added, rather than x + f(x).</param>
    /// <param name="shareParameters">
    /// False: the result has copies of parameters and buffers. True: both models stand on the same memory, so that
    /// training one moves the other (each has gradients of its own).
    /// </param>
    /// <param name="newLike">Makes another model like this one, where its class does not say how.</param>
    /// <returns>
    /// The transformed copy. Hooks are not copied: register those that it is to have on it. (<see cref="ApplyInPlace"/>
    /// leaves hooks where they are.)
    /// </returns>
    /// <exception cref="KeyNotFoundException">There is no part of that path; the message lists what is there.</exception>
    /// <exception cref="ArgumentException">
    /// A part is no list of layers, has none to transform, or is named twice; none is named; or γ is out of range, or 0
    /// where it may not be.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// Nothing says how to make another model like it, or what does makes one that differs or is partly the model itself.
    /// </exception>
    public static T Apply<T>(
        T model,
        IReadOnlyList<string>? subLayers = null,
        double gamma = 0.9,
        MemoryMode memory = MemoryMode.Recompute,
        bool keepFirstLayer = true,
        bool isResidual = false,
        bool shareParameters = false,
        Func<T>? newLike = null)
        where T : Module
    {
        ArgumentNullException.ThrowIfNull(model);
        var copy = (T)model.CloneWith(newLike == null ? model.NewLike : () => newLike(), shareParameters);
        return ApplyInPlace(copy, subLayers, gamma, memory, keepFirstLayer, isResidual);
    }

    /// <summary>
    /// Turns parts of the model itself into momentum networks of the very same layers: parameters stay the same
    /// objects, so that optimizers go on with them. It works on any module, however it holds its parts, because the
    /// lists stay the same objects, too, and only their contents change. A model whose Forward does not run through the
    /// list, but holds its layers elsewhere, is found out when it runs: an InvalidOperationException says so.
    /// </summary>
    /// <inheritdoc cref="Apply"/>
    /// <returns>The model given.</returns>
    public static T ApplyInPlace<T>(
        T model,
        IReadOnlyList<string>? subLayers = null,
        double gamma = 0.9,
        MemoryMode memory = MemoryMode.Recompute,
        bool keepFirstLayer = true,
        bool isResidual = false)
        where T : Module
    {
        ArgumentNullException.ThrowIfNull(model);
        // All are made before the first is put in place: an error leaves the model as it was.
        var parts = new Dictionary<Module, List<(string, Module)>>();
        var stagesNotThere = ResNetStages.Except(model.NamedChildren().Select(c => c.Name));
        if (subLayers == null && stagesNotThere.FirstOrDefault() is { } missing)
        {
            throw new KeyNotFoundException(
                $"MomentumTransform: {model.Name} has no '{missing}', a stage of a ResNet, which is what is " +
                "transformed unless subLayers names other parts.");
        }

        if (subLayers is { Count: 0 })
        {
            throw new ArgumentException(
                "MomentumTransform: subLayers names no part, so there is nothing to transform; name some, such as " +
                "'encoder.layers', or leave it out for the stages of a ResNet.",
                nameof(subLayers));
        }

        foreach (string? path in subLayers ?? ResNetStages)
        {
            if (path == null)
            {
                throw new ArgumentException(
                    "MomentumTransform: a path in subLayers is null; wanted is the dotted path of a part, such as " +
                    "'encoder.layers'.",
                    nameof(subLayers));
            }

            var part = model.GetSubmodule(path);
            var contents = Transform(part, path, gamma, memory, keepFirstLayer, isResidual);
            if (!parts.TryAdd(part, contents))
                throw new ArgumentException($"MomentumTransform: '{path}' is there twice.", nameof(subLayers));
        }

        foreach (var (part, contents) in parts)
            part.ReplaceContents(contents);
        BypassWatch.Attach(model);
        return model;
    }

    private static List<(string Name, Module Module)> Transform(
        Module part, string path, double gamma, MemoryMode memory, bool keepFirstLayer, bool isResidual)
    {
        var layers = part switch
        {
            Sequential chain => (IReadOnlyList<Module>)chain,
            ModuleList list => list,
            _ => throw new ArgumentException(
                $"MomentumTransform: '{path}' is a {part.Name}; wanted is a Sequential or ModuleList of layers" +
                $"{Suggestions(part, path)}."),
        };
        if (layers.Count == 0)
            throw new ArgumentException($"MomentumTransform: '{path}' holds no layers.");
        if (layers.Count == 1 && keepFirstLayer && !HasMomentum(layers[0]))
        {
            throw new ArgumentException(
                $"MomentumTransform: '{path}' holds one layer, which keepFirstLayer keeps, so that none is left to " +
                "transform; pass keepFirstLayer: false, or leave this part out of subLayers.",
                nameof(keepFirstLayer));
        }

        if (layers.FirstOrDefault(HasMomentum) is { } transformed)
        {
            throw new ArgumentException(
                $"MomentumTransform: '{path}' holds a {transformed.Name} that has been transformed already.");
        }

        int kept = keepFirstLayer ? 1 : 0;
        var net = new MomentumNet([.. layers.Skip(kept)], gamma, memory, isResidual: isResidual);
        string[] names = [.. part.NamedModules(removeDuplicates: false).Select(m => m.Name)
            .Where(n => n.Length > 0 && !n.Contains('.', StringComparison.Ordinal))];
        net.Label([.. names.Skip(kept).Select(n => path.Length == 0 ? n : $"{path}.{n}")]);
        // The authors' package wraps what follows a kept layer once more; names of weights follow it.
        List<Module> contents = keepFirstLayer ? [layers[0], new Sequential(net)] : [net];
        foreach (var made in contents.Skip(kept).SelectMany(c => c.Modules()).Except(layers.SelectMany(l => l.Modules())))
            made.IsTraining = part.IsTraining;
        return [.. contents.Select((module, i) => (i.ToString(CultureInfo.InvariantCulture), module))];
    }

    private static bool HasMomentum(Module layer) => layer is MomentumNet or Sequential { Count: 1 } and [MomentumNet];

    private static string Suggestions(Module part, string path)
    {
        string[] lists = [.. part.NamedModules(path)
            .Where(m => m.Module is Sequential or ModuleList).Select(m => $"'{m.Name}'").Take(5)];
        return lists.Length == 0 ? "" : $", such as {string.Join(", ", lists)}";
    }
}
