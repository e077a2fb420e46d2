"""Writes weights/: small files of PyTorch and NumPy, and weights.json: what is in them, bit for bit.

    python3 Tests/Fixtures/make_weight_fixtures.py

Needs torch (made with 1.13, CPU) and numpy, and writes the same files on every run. Values come from a fixed formula. PyTorch itself writes all .pt files but
two, which are rewritten from its own: one with deflated entries under another folder name, one with big-endian
elements (PyTorch 2.1 and later mark those with a record named byteorder).
What the engine has no type for is listed in the type that it becomes: bool and small integers int32, uint32 int64.
"""
import collections
import io
import json
import math
import os
import pathlib
import pickle
import zipfile

import numpy as np
import torch
from torch import nn

FOLDER = pathlib.Path(__file__).parent / "weights"


class Key(str):
    """The old format names storages by their addresses, which differ on every run; here by numbers in order of appearance."""

    seen = {}

    def __new__(cls, value):
        return f"{cls.seen.setdefault(value, len(cls.seen)):03}" if isinstance(value, int) and value > 1 << 20 else str(value)


torch.serialization.str = Key
torch.manual_seed(0)
BECOMES = {
    torch.bool: torch.int32, torch.uint8: torch.int32, torch.int8: torch.int32, torch.int16: torch.int32,
    np.dtype("bool"): "int32", np.dtype("uint8"): "int32", np.dtype("int8"): "int32", np.dtype("int16"): "int32",
    np.dtype("uint16"): "int32", np.dtype("uint32"): "int64", np.dtype("uint64"): "int64",
}
expected = {}


def wave(*shape, dtype=torch.float32, seed=0):
    values = [100 * math.sin(1.7 * k + 0.9 * seed + 0.3) for k in range(math.prod(shape))]
    return torch.tensor(values, dtype=torch.float64).reshape(shape).to(dtype)


def bits(tensor):
    tensor = tensor.detach()
    tensor = tensor.to(BECOMES.get(tensor.dtype, tensor.dtype)).contiguous()
    name = str(tensor.dtype).removeprefix("torch.")
    raw = tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor
    return {"type": name, "shape": list(tensor.shape), "bits": raw.numpy().tobytes().hex()}


def flat(value, name=""):
    if isinstance(value, torch.Tensor):
        yield name or "tensor", value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from flat(item, f"{name}.{key}" if name else str(key))
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            yield from flat(item, f"{name}.{i}" if name else str(i))


def save(name, value, **options):
    Key.seen.clear()
    torch.save(value, FOLDER / name, **options)
    expected[name] = {key: bits(tensor) for key, tensor in flat(value)}


def rewrite(source, target, folder="archive", change=lambda name, data: data, extra=(), method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(FOLDER / source) as old, zipfile.ZipFile(FOLDER / target, "w", method) as new:
        for name in old.namelist():
            inside = name.split("/", 1)[1]
            stamp = zipfile.ZipInfo(f"{folder}/{inside}", (1980, 1, 1, 0, 0, 0))
            new.writestr(stamp, change(inside, old.read(name)), method)
        for inside, data in extra:
            new.writestr(zipfile.ZipInfo(f"{folder}/{inside}", (1980, 1, 1, 0, 0, 0)), data)
    expected[target] = expected[source]


def types():
    special = torch.tensor([float("nan"), float("inf"), -0.0, 1e-40, 1.5])
    return collections.OrderedDict(
        float32=wave(2, 3), float64=wave(3, dtype=torch.float64), float16=wave(4, dtype=torch.float16),
        bfloat16=wave(1, 5, dtype=torch.bfloat16), int8=wave(3, dtype=torch.int8), int16=wave(3, dtype=torch.int16),
        int32=wave(3, dtype=torch.int32), int64=wave(2, 2, dtype=torch.int64),
        uint8=torch.tensor([0, 127, 255], dtype=torch.uint8), bool=wave(4) > 0, special=special,
        edge=torch.tensor([-2**63, 2**63 - 1]), scalar=torch.tensor(2.5), empty=torch.zeros(0, 3))


def views():
    base = wave(4, 6)
    return {
        "base": base, "transposed": base.t(), "row": base[2], "steps": base[::2, 1::3], "part": base[1:3, 2:5],
        "expanded": wave(3, 1, seed=1).expand(3, 4), "overlap": wave(6, seed=2).as_strided((4, 3), (1, 1)),
        "permuted": wave(2, 3, 4, seed=3).permute(2, 0, 1), "tied": [base, base], "none": base[:0],
        "mask": (wave(3, 4) > 0).t(), "one": base[1:2, 3:4],
    }


def nested():
    net = nn.DataParallel(nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)))
    with torch.no_grad():
        for seed, tensor in enumerate(net.state_dict().values()):
            if tensor.is_floating_point():
                tensor.copy_(wave(*tensor.shape, seed=seed).abs())
    optimizer = torch.optim.Adam(net.parameters(), lr=0.25)
    net(wave(4, 3)).sum().backward()
    for seed, parameter in enumerate(net.parameters()):
        parameter.grad.copy_(wave(*parameter.shape, seed=seed))
    optimizer.step()
    return {
        "net": net.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 7, "accuracy": 0.5, "best": None,
        "resumed": True, "name": "r\u00e9sum\u00e9", "history": [1.5, 2.5, -3.0], "mixed": [1, {"deep": wave(2)}, (wave(1),)],
        "big": 2**70, "negative": -5, "bytes": b"\x00\xff", "labels": {3, }, "size": torch.Size([2, 3]),
        "kind": torch.float16, "device": torch.device("cpu"), "milestones": collections.Counter([30, 60]),
        "long": list(range(300)),
    }


def modules():
    return {"parameter": nn.Parameter(wave(2, 2)), "frozen": nn.Parameter(wave(3, seed=1), requires_grad=False),
            "wanted": wave(2, seed=2).requires_grad_()}


class Evil:
    def __reduce__(self):
        return os.system, ("echo this must never run",)


def numpy_files():
    arrays = {t: np.array([[0, 1, 2], [100, 7, 1]]).astype(t) for t in [
        "bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64"]}
    arrays["swapped"] = np.array([1.5, -2.25], dtype=">f8")
    arrays["swappedint"] = np.array([1, -2, 70000], dtype=">i4")
    arrays["fortran"] = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3))
    arrays["scalar"] = np.float32(3.5).reshape(())
    arrays["empty"] = np.zeros((0, 4), dtype=np.float32)

    def described(array):
        array = array.astype(BECOMES.get(array.dtype, array.dtype.newbyteorder("=")))
        return {"type": array.dtype.name, "shape": list(array.shape), "bits": array.tobytes("C").hex()}

    for name, save_archive in [("plain.npz", np.savez), ("deflated.npz", np.savez_compressed)]:
        save_archive(FOLDER / name, **arrays)
        expected[name] = {key: described(array) for key, array in arrays.items()}
    for name in ["fortran", "swapped", "uint16"]:
        np.save(FOLDER / f"{name}.npy", arrays[name])
        expected[f"{name}.npy"] = {name: described(arrays[name])}
    for version in [(2, 0), (3, 0)]:
        name = f"version{version[0]}"
        with open(FOLDER / f"{name}.npy", "wb") as file:
            np.lib.format.write_array(file, arrays["float32"], version=version)
        expected[f"{name}.npy"] = {name: described(arrays["float32"])}
    np.save(FOLDER / "refused_object.npy", np.array([{}], dtype=object))
    np.save(FOLDER / "refused_text.npy", np.array(["a"]))
    np.save(FOLDER / "refused_complex.npy", np.array([1j]))


FOLDER.mkdir(exist_ok=True)
for make in [types, views, nested, modules]:
    save(f"{make.__name__}.pt", make())
    save(f"{make.__name__}_legacy.pt", make(), _use_new_zipfile_serialization=False)
save("nested_protocol4.pt", nested(), pickle_protocol=4)
save("lone.pt", wave(2, 2))
rewrite("types.pt", "types_deflated.pt", folder="resnet", method=zipfile.ZIP_DEFLATED)
sizes = [tensor.element_size() for tensor in types().values()]


def swap(name, data):
    size = sizes[int(name.removeprefix("data/"))] if name.startswith("data/") else 1
    return np.frombuffer(data, np.uint8).reshape(-1, size)[:, ::-1].tobytes() if data else data


rewrite("types.pt", "types_bigendian.pt", change=swap, extra=[("byteorder", "big")])
torch.save(nn.Linear(2, 2), FOLDER / "refused_module.pt")
torch.save({"x": torch.tensor([1j])}, FOLDER / "refused_complex.pt")
torch.save({"x": torch.eye(2).to_sparse()}, FOLDER / "refused_sparse.pt")
torch.save({"x": Evil()}, FOLDER / "refused_evil.pt")
torch.save({"x": Evil()}, FOLDER / "refused_evil_legacy.pt", _use_new_zipfile_serialization=False)
torch.save({"x": np.arange(3)}, FOLDER / "refused_array.pt")
torch.save(
    {
        "f64": np.float64(0.1), "f32": np.float32(0.1), "f16": np.float16(0.1), "i64": np.int64(-1234567890123),
        "i8": np.int8(-5), "u8": np.uint8(250), "bool": np.bool_(True), "big": np.array(1.5, ">f8")[()],
        "w": torch.ones(2),
    },
    FOLDER / "numpy_scalars.pt",
)
numpy_files()
(FOLDER.parent / "weights.json").write_text(json.dumps(expected, indent=1) + "\n")
