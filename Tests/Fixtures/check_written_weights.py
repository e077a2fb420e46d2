"""Lets PyTorch, NumPy and a reader of its own open what `momentum convert` wrote, compares it bit for bit with the file that
it came from, and writes written_weights.json: the SHA-256 of each file that passed. The tests hold what is written now to
these sums: they are the very bytes that PyTorch opened.

    for name in types views nested modules lone; do
      for ending in pt npz safetensors; do
        momentum convert Tests/Fixtures/weights/$name.pt written/$name.$ending $( [ $name.$ending = types.npz ] && echo --map bfloat16= )
      done
    done
    python3 Tests/Fixtures/check_written_weights.py written

Needs torch (done with 1.13). A .pt file is opened with weights_only=True, which refuses everything but tensors and plain
containers. Bool and integers below 32 bits are compared as the int32 that the engine makes of them. NumPy has no bfloat16,
so that one tensor of types.pt is left out of its .npz.
"""
import hashlib
import json
import pathlib
import struct
import sys

import numpy as np
import torch

HERE = pathlib.Path(__file__).parent
SAFETENSORS = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
    "I32": torch.int32}


def safetensors(path):
    """By the format's own page: 8 bytes of header length, a JSON header, the bytes of the tensors without gaps."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    body, covered = data[8 + length:], 0
    header.pop("__metadata__", None)
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        covered += end - begin
        raw = torch.frombuffer(bytearray(body[begin:end]), dtype=SAFETENSORS[entry["dtype"]]) if end > begin else \
            torch.empty(0, dtype=SAFETENSORS[entry["dtype"]])
        yield name, raw.reshape(entry["shape"])
    assert covered == len(body), path


def tensors(path):
    if path.suffix == ".npz":
        return {name: torch.from_numpy(array) for name, array in np.load(path).items()}
    if path.suffix == ".safetensors":
        return dict(safetensors(path))
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


sums = {}
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    # The original is the script's own, so that it may hold more than weights_only allows.
    original = dict(flat(torch.load(HERE / "weights" / f"{path.stem}.pt")))
    if path.suffix == ".npz":
        original = {name: tensor for name, tensor in original.items() if tensor.dtype != torch.bfloat16}
    written = tensors(path)
    assert list(original) == list(written), (path, list(original), list(written))
    for name in original:
        assert bits(original[name]) == bits(written[name]), (path, name)
    sums[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    print(f"{path.name}: {len(original)} tensors, the same bits")
(HERE / "written_weights.json").write_text(json.dumps(sums, indent=1) + "\n")
