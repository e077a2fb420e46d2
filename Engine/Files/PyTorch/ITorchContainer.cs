namespace MomentumCore.Engine;

/// <summary>One of PyTorch's two file formats, opened: what was saved, and how to get at the elements.</summary>
internal interface ITorchContainer
{
    /// <summary>What the format is called.</summary>
    string Format { get; }

    /// <summary>The object that was saved.</summary>
    object? Root { get; }

    /// <summary>How many instructions built it: a measure of what walking it may cost.</summary>
    int Instructions { get; }

    /// <summary>The bytes of the memory of that name.</summary>
    long StorageBytes(string key);

    /// <summary>Announces that the memory of that name will be read, before any is taken for it.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="type">What its elements are.</param>
    /// <exception cref="WeightFileException">It would take more than so small a file may ask for.</exception>
    void Expect(string key, StoredType type);

    /// <summary>Reads the memory of that name into a tensor of as many elements.</summary>
    /// <returns>False when a value does not fit into the tensor's type.</returns>
    bool ReadStorage(string key, StoredType type, Tensor target);
}
