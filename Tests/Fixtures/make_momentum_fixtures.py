"""Writes momentum.json: outputs and gradients of the authors' MomentumNet, to hold ours against.

Needs PyTorch and a checkout of https://github.com/michaelsdr/momentumnet:

    PYTHONPATH=<momentumnet checkout> python3 make_momentum_fixtures.py

The numbers come from its backpropagating form (use_backprop=True) in float64; the loss is the sum of the squared output.
"""

import json
import pathlib

import torch
from torch import nn

from momentumnet import MomentumNet


class SumOfLinears(nn.Module):
    """One Linear for x and for each extra input, added up."""

    def __init__(self, sizes, bias=True):
        super().__init__()
        for i, size in enumerate(sizes):
            self.add_module(f"layer{i + 1}", nn.Linear(size, sizes[0], bias=bias))

    def forward(self, *inputs):
        return sum(layer(x) for layer, x in zip(self.children(), inputs))


def mlp(width, hidden):
    return nn.Sequential(nn.Linear(width, hidden), nn.Tanh(), nn.Linear(hidden, width))


def make(name, gamma, depth, *, shared=False, residual=True, velocity=None, extras=(), wanted=(), bias=True):
    """One case. extras: widths of the extra inputs; wanted: which of them require a gradient."""
    width, hidden, batch = 3, 5, 2

    def layer():
        return SumOfLinears((width, *extras), bias) if extras else mlp(width, hidden)

    functions = [layer()] * depth if shared else [layer() for _ in range(depth)]
    init = {None: None, "mlp": mlp(width, hidden), "linear": nn.Linear(width, width)}[velocity]
    net = MomentumNet(functions, gamma, init is not None, init, use_backprop=True, is_residual=residual)
    x = torch.randn(batch, width, requires_grad=True)
    others = [torch.randn(batch, size, requires_grad=i in wanted) for i, size in enumerate(extras)]
    output = net(x, *others)
    (output**2).sum().backward()
    return {
        "name": name,
        "gamma": gamma,
        "depth": depth,
        "shared": shared,
        "residual": residual,
        "velocity": velocity,
        "bias": bias,
        "x": x.tolist(),
        "others": [o.tolist() for o in others],
        "parameters": {n: p.tolist() for n, p in net.named_parameters()},
        "stateNames": list(net.state_dict()),
        "output": output.tolist(),
        "xGradient": x.grad.tolist(),
        "otherGradients": [o.grad.tolist() if o.requires_grad else None for o in others],
        "parameterGradients": {n: p.grad.tolist() for n, p in net.named_parameters()},
    }


def main():
    torch.manual_seed(1)
    torch.set_default_dtype(torch.float64)
    cases = [
        make("residual", 0.9, 3),
        make("half the velocity", 0.5, 3),
        make("gamma 0 is the plain residual network", 0.0, 3),
        make("gamma 1 never moves", 1.0, 3),
        make("non-residual", 0.9, 3, residual=False),
        make("non-residual, gamma 0", 0.0, 3, residual=False),
        make("learned velocity", 0.99, 8, velocity="mlp"),
        make("learned velocity, non-residual", 0.7, 3, velocity="mlp", residual=False),
        make("shared", 0.9, 10, shared=True),
        make("shared, learned velocity, non-residual", 0.95, 6, shared=True, velocity="linear", residual=False),
        make("one layer without bias, extra input without gradient", 0.9, 1, velocity="linear", extras=(3,), bias=False),
        make("two inputs", 0.9, 3, extras=(2,), wanted=(0,)),
        make("three inputs", 0.9, 5, extras=(2, 4), wanted=(0,)),
        make("shared, two inputs, learned velocity", 0.8, 4, shared=True, extras=(2,), wanted=(0,), velocity="mlp"),
    ]
    path = pathlib.Path(__file__).with_name("momentum.json")
    path.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


if __name__ == "__main__":
    main()
