namespace MomentumCore.Engine;

/// <summary>The formats that weights are written in; all of them are read, too.</summary>
public enum WeightFormat
{
    /// <summary>Safetensors (<c>.safetensors</c>): tensors of every type by name, and text.</summary>
    Safetensors,

    /// <summary>
    /// PyTorch's zip format (<c>.pt</c>, <c>.pth</c>, <c>.bin</c>), as <c>torch.save</c> of a state dict.
    /// </summary>
    PyTorch,

    /// <summary>NumPy's archive (<c>.npz</c>): tensors by name; no BFloat16, which NumPy lacks.</summary>
    NumPyArchive,

    /// <summary>NumPy's array (<c>.npy</c>): one tensor without a name; no BFloat16, which NumPy lacks.</summary>
    NumPyArray,
}
