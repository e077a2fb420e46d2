"""Lets PyTorch and NumPy read what `momentum convert` wrote, and compares it bit for bit with the file it came from.

    momentum convert types.pt written.pt && python3 Tests/Fixtures/check_written_weights.py types.pt written.pt

Needs torch. A .pt file is opened with weights_only=True, which refuses everything but tensors and plain containers.
Bool and integers below 32 bits are compared as the int32 that the engine makes of them.
"""
import sys

import numpy as np
import torch


def tensors(path):
    if path.endswith(".npz"):
        return {name: torch.from_numpy(array) for name, array in np.load(path).items()}
    return dict(flat(torch.load(path, weights_only=True)))


def flat(value, name=""):
    if isinstance(value, torch.Tensor):
        yield name or "tensor", value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from flat(item, f"{name}.{key}" if name else str(key))
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            yield from flat(item, f"{name}.{i}" if name else str(i))


def bits(tensor):
    if tensor.dtype in (torch.bool, torch.uint8, torch.int8, torch.int16):
        tensor = tensor.to(torch.int32)
    tensor = tensor.detach().contiguous()
    raw = tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor
    return str(tensor.dtype), tuple(tensor.shape), raw.numpy().tobytes()


original, written = (tensors(path) for path in sys.argv[1:3])
assert list(original) == list(written), (list(original), list(written))
for name in original:
    assert bits(original[name]) == bits(written[name]), name
print(f"{len(original)} tensors, the same bits")
