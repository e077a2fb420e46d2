namespace MomentumCore.Engine;

/// <summary>
/// One entry between the brackets of <c>x[…]</c>: an index, a range, a new axis or "all axes between".
/// </summary>
/// <remarks>Write integers, <c>^1</c> and ranges as they are: they convert by themselves.</remarks>
public readonly struct TensorIndex : IEquatable<TensorIndex>
{
    private readonly Index _start;
    private readonly Index _end;

    private TensorIndex(Form kind, Index start, Index end)
    {
        Kind = kind;
        _start = start;
        _end = end;
    }

    internal enum Form
    {
        /// <summary>A range of an axis; the default is none of it.</summary>
        Range,

        /// <summary>One index; the axis goes.</summary>
        Single,

        /// <summary>An index that no axis has: the least integer, whose distance from the end is no int.</summary>
        Nowhere,

        /// <summary>An axis of size 1 is put in.</summary>
        NewAxis,

        /// <summary>All axes that the other entries do not name.</summary>
        Rest,
    }

    /// <summary>Puts an axis of size 1 here.</summary>
    public static TensorIndex NewAxis => new(Form.NewAxis, default, default);

    /// <summary>Stands for all axes that the other entries do not name; at most once.</summary>
    public static TensorIndex Rest => new(Form.Rest, default, default);

    internal Form Kind { get; }

    /// <summary>One index; negative counts from the end.</summary>
    public static implicit operator TensorIndex(int index) => index == int.MinValue
        ? new(Form.Nowhere, default, default)
        : new(Form.Single, index < 0 ? new Index(-index, fromEnd: true) : new Index(index), default);

    /// <summary>One index, such as <c>^1</c>.</summary>
    public static implicit operator TensorIndex(Index index) => new(Form.Single, index, default);

    /// <summary>A range of an axis, such as <c>1..^2</c>.</summary>
    public static implicit operator TensorIndex(Range range) => new(Form.Range, range.Start, range.End);

    /// <inheritdoc/>
    public bool Equals(TensorIndex other) =>
        Kind == other.Kind && _start.Equals(other._start) && _end.Equals(other._end);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TensorIndex other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, _start, _end);

    /// <summary>As it is written.</summary>
    public override string ToString() => Kind switch
    {
        Form.Single => _start.ToString(),
        Form.Range => $"{_start}..{_end}",
        Form.Nowhere => $"{int.MinValue}",
        Form.NewAxis => "new axis",
        _ => "rest",
    };

    /// <summary>Same entry.</summary>
    public static bool operator ==(TensorIndex left, TensorIndex right) => left.Equals(right);

    /// <summary>Different entry.</summary>
    public static bool operator !=(TensorIndex left, TensorIndex right) => !left.Equals(right);

    /// <summary>First and end index in an axis of a size; they may lie outside of it.</summary>
    internal (int Start, int End) In(int size) => (_start.GetOffset(size), _end.GetOffset(size));
}
