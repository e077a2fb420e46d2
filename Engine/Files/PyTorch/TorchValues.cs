using System.Numerics;

namespace MomentumCore.Engine;

/// <summary>
/// Turns what a pickle built into values for users. A container that several others hold becomes one value.
/// </summary>
/// <remarks><see cref="TorchTree"/> has made sure before that nothing is too deep or contains itself.</remarks>
internal sealed class TorchValues(string path, Func<TorchTensor, Tensor> tensor)
{
    private readonly Dictionary<object, WeightValue> _made = new(ReferenceEqualityComparer.Instance);

    public WeightValue Make(object? value)
    {
        if (value == null)
            return new WeightValue(WeightValueKind.None, null);
        if (_made.TryGetValue(value, out var known))
            return known;
        var made = value switch
        {
            bool => new WeightValue(WeightValueKind.Boolean, value),
            BigInteger => new WeightValue(WeightValueKind.Integer, value),
            double => new WeightValue(WeightValueKind.Real, value),
            byte[] => new WeightValue(WeightValueKind.Bytes, value),
            TorchTensor t => new WeightValue(WeightValueKind.Tensor, tensor(t)),
            PickleList list => new WeightValue(WeightValueKind.List, list.Items.ConvertAll(Make)),
            PickleMap map => new WeightValue(WeightValueKind.Map, Entries(map)),
            PickleGlobal global => new WeightValue(WeightValueKind.Text, global.FullName),
            _ => new WeightValue(WeightValueKind.Text, value as string ?? value.ToString()),
        };
        return _made[value] = made;
    }

    private OrderedDictionary<string, WeightValue> Entries(PickleMap map)
    {
        var entries = new OrderedDictionary<string, WeightValue>(map.Entries.Count);
        foreach (var (key, item) in map.Entries)
        {
            if (!entries.TryAdd(key.Text, Make(item)))
                throw TorchTree.Twice(path, $"two keys of a dictionary are written '{key.Text}'");
        }

        return entries;
    }
}
