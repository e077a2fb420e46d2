using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;

namespace MomentumCore.Kernels.Compiler.Incremental;

/// <summary>What every kernel of a project depends on: references, options, and which names exist anywhere.</summary>
internal sealed class Surroundings : IEquatable<Surroundings>
{
    private static readonly ConditionalWeakTable<Compilation, Surroundings> Known = new();

    private readonly CompilationOptions _options;
    private readonly MetadataReference[] _references;
    private readonly string[] _names;
    private readonly Dictionary<string, TreeShape?> _files = [];

    private Surroundings(Compilation compilation)
    {
        _options = compilation.Options;
        _references = [.. compilation.References];
        var shapes = compilation.SyntaxTrees.Select(t => (t.FilePath, Shape: TreeShape.Of(t))).ToList();
        _names = [.. shapes.Select(s => s.Shape.Names).Where(n => n.Length > 0)];
        foreach (var (path, shape) in shapes)
            _files[path] = _files.ContainsKey(path) ? null : shape;
    }

    public static Surroundings Of(Compilation compilation) => Known.GetValue(compilation, static c => new Surroundings(c));

    /// <summary>The file of a path, or null when there is none or more than one.</summary>
    public TreeShape? File(string path) => _files.TryGetValue(path, out var shape) ? shape : null;

    public bool Equals(Surroundings? other) =>
        other != null && (ReferenceEquals(this, other)
            || (_options.Equals(other._options) && _references.SequenceEqual(other._references) && _names.SequenceEqual(other._names)));

    public override bool Equals(object? obj) => Equals(obj as Surroundings);

    public override int GetHashCode() => _names.Length;
}
