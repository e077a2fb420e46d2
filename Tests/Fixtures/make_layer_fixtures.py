"""Writes layers.json: what PyTorch's modules hold (names and shapes) and compute (values, gradients, running statistics).

    python3 Tests/Fixtures/make_layer_fixtures.py

Needs torch (made with 1.13, CPU). Weights, inputs and output gradients come from a fixed formula, so that only results
have to be written and nothing depends on a random generator. Everything is float64.
"""
import json
import math
import pathlib

import torch
from torch import nn


def wave(shape, seed):
    """Values between -0.8 and 0.8 that look random and are the same everywhere: sines of odd multiples."""
    values = [0.8 * math.sin(1.7 * k + 0.9 * seed + 0.3) for k in range(math.prod(shape))]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def numbers(tensor):
    return [float(f"{v:.12g}") for v in tensor.detach().flatten().tolist()]


def fill(module):
    """Waves in all parameters, positive running variances; the state's position is the seed."""
    with torch.no_grad():
        for seed, (name, tensor) in enumerate(module.state_dict().items()):
            if tensor.is_floating_point():
                tensor.copy_(wave(tensor.shape, seed) + (1.5 if name.endswith("running_var") else 0))


def case(name, module, *inputs, call=None, passes=1, train=True):
    module = module.double().train(train)
    fill(module)
    state = [[key, list(value.shape)] for key, value in module.state_dict().items()]
    tensors = []
    for seed, given in enumerate(inputs):
        if isinstance(given, torch.Tensor):
            tensors.append(given)
        else:
            tensors.append(wave(given, 50 + seed).requires_grad_())
    for _ in range(passes):
        output = (call or module)(*tensors)
    output.backward(wave(output.shape, 99))
    gradients = {key: numbers(p.grad) for key, p in module.named_parameters() if p.grad is not None}
    return {
        "name": name,
        "train": train,
        "passes": passes,
        "state": state,
        "inputs": [
            {"shape": list(t.shape)} if t.requires_grad else {"indices": t.tolist()} for t in tensors
        ],
        "output": numbers(output),
        "inputGradients": [numbers(t.grad) if t.requires_grad else None for t in tensors],
        "gradients": gradients,
        "buffers": {key: numbers(b) for key, b in module.named_buffers()},
    }


class Block(nn.Module):
    """The basic block of a residual network, named as torchvision names it."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(y + self.downsample(x))


class Network(nn.Module):
    """A residual network in miniature."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 2, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(2)
        self.layer1 = nn.Sequential(Block(2, 3, 2))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(3, 2)

    def forward(self, x):
        x = self.layer1(torch.relu(self.bn1(self.conv1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


def chain():
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 4, 3, padding=1, groups=2),
        nn.GroupNorm(2, 4), nn.GELU(), nn.AvgPool2d(2), nn.Flatten(), nn.LayerNorm(4), nn.Linear(4, 3), nn.LogSoftmax(1),
    )


def attention_cases():
    def attend(module, **masks):
        return lambda query, key, value: module(query, key, value, need_weights=False, **masks)[0]

    def make(name, *shapes, batch_first=False, bias=True, **masks):
        module = nn.MultiheadAttention(4, 2, bias=bias, batch_first=batch_first)
        return case(name, module, *shapes, call=attend(module, **masks))

    hidden = torch.tensor([[False, True, False, False, True], [False, False, False, True, False], [False] * 5])
    padding = torch.tensor([[False, False, False, True, True], [False] * 5])
    causal = torch.triu(torch.ones(3, 3, dtype=torch.bool), 1)
    yield make("attention", [3, 2, 4], [5, 2, 4], [5, 2, 4])
    yield make("attention, batch first", [2, 3, 4], [2, 5, 4], [2, 5, 4], batch_first=True)
    yield make("attention, no batch, no bias", [3, 4], [5, 4], [5, 4], bias=False)
    yield make("attention, hidden", [3, 2, 4], [5, 2, 4], [5, 2, 4], attn_mask=hidden)
    yield make("attention, added", [3, 2, 4], [5, 2, 4], [5, 2, 4], attn_mask=wave([4, 3, 5], 7))
    yield make("attention, padding", [3, 2, 4], [5, 2, 4], [5, 2, 4], key_padding_mask=padding)
    yield make("attention, hidden and padding", [3, 2, 4], [5, 2, 4], [5, 2, 4], attn_mask=hidden, key_padding_mask=padding)
    yield make("attention, causal", [3, 2, 4], [3, 2, 4], [3, 2, 4], attn_mask=causal)


def cases():
    indices = torch.tensor([[1, 4, 0], [4, 2, 1]])
    yield case("linear", nn.Linear(4, 3), [2, 4])
    yield case("convolution", nn.Conv2d(2, 4, (3, 2), (2, 1), (1, 0), (1, 2), 2), [2, 2, 5, 6])
    yield case("transposed convolution", nn.ConvTranspose2d(4, 2, 3, 2, 1, 1, 2), [1, 4, 3, 2])
    yield case("batch norm 1d, training", nn.BatchNorm1d(3), [4, 3], passes=3)
    yield case("batch norm 1d, sequences", nn.BatchNorm1d(3), [2, 3, 4])
    yield case("batch norm 1d, mean of all batches", nn.BatchNorm1d(3, momentum=None), [4, 3], passes=3)
    yield case("batch norm 2d, training", nn.BatchNorm2d(2, eps=1e-3, momentum=0.3), [3, 2, 2, 3], passes=2)
    yield case("batch norm 2d, evaluation", nn.BatchNorm2d(2), [3, 2, 2, 3], train=False)
    yield case("batch norm 2d, no statistics, evaluation", nn.BatchNorm2d(2, track_running_stats=False), [3, 2, 2, 3], train=False)
    yield case("layer norm", nn.LayerNorm([2, 3]), [4, 2, 3])
    yield case("group norm", nn.GroupNorm(2, 4), [2, 4, 3])
    yield case("instance norm", nn.InstanceNorm2d(2, affine=True), [2, 2, 3, 2])
    yield case("embedding", nn.Embedding(5, 3), indices)
    yield case("embedding with padding", nn.Embedding(5, 3, padding_idx=4), indices)
    yield case("chain", chain(), [2, 2, 4, 4], passes=2)
    yield case("chain, evaluation", chain(), [2, 2, 4, 4], train=False)
    yield case("residual network", Network(), [2, 1, 5, 4])
    yield from attention_cases()


target = pathlib.Path(__file__).parent / "layers.json"
target.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases()) + "\n]\n")
