"""Writes the fixtures that Tests/Layers compares optimizers, schedules and clipping with: what PyTorch does.

    python3 Tests/Fixtures/make_training_fixtures.py

Needs torch. Gradients come from a fixed formula, so that nothing depends on a random generator.
"""
import json
import math
import os
import warnings

import torch

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS = 7
SHAPES = [[3, 2], [5], []]

warnings.filterwarnings("ignore")


def wave(shape, seed, dtype):
    """Values between -1 and 1 that look random and are the same everywhere: sin of odd multiples."""
    count = math.prod(shape)
    values = [math.sin(1.7 * k + 0.9 * seed + 0.3) for k in range(count)]
    return torch.tensor(values, dtype=dtype).reshape(shape)


def numbers(tensor):
    # Nine digits name a float exactly.
    digits = (lambda v: float(f"{v:.9g}")) if tensor.dtype == torch.float32 else float
    return [digits(v) for v in tensor.detach().flatten().tolist()]


def optimizer_case(name, make, options, dtype):
    parameters = [wave(s, 10 + i, dtype).requires_grad_() for i, s in enumerate(SHAPES)]
    groups = [
        {"params": parameters[:2]},
        {"params": parameters[2:], "lr": 0.05, "weight_decay": 0.02},
    ]
    optimizer = make(groups, **options)
    steps = []
    for step in range(STEPS):
        for i, p in enumerate(parameters):
            # The vector misses its gradient twice, so its own step count lags behind.
            p.grad = None if i == 1 and step in (0, 3) else wave(SHAPES[i], 100 + 10 * step + i, dtype)
        optimizer.step()
        steps.append([numbers(p) for p in parameters])
    return {
        "optimizer": name,
        "options": options,
        "dtype": "Float32" if dtype == torch.float32 else "Float64",
        "values": steps,
    }


def optimizer_inputs():
    """What all cases start from, in double; the float cases round it."""
    return {
        "start": [numbers(wave(s, 10 + i, torch.float64)) for i, s in enumerate(SHAPES)],
        "gradients": [
            [None if i == 1 and step in (0, 3) else numbers(wave(s, 100 + 10 * step + i, torch.float64))
             for i, s in enumerate(SHAPES)]
            for step in range(STEPS)
        ],
    }


def optimizers():
    kinds = [
        ("Sgd", torch.optim.SGD, [
            {"lr": 0.1},
            {"lr": 0.1, "weight_decay": 0.3},
            {"lr": 0.1, "momentum": 0.9},
            {"lr": 0.1, "momentum": 0.9, "dampening": 0.4, "weight_decay": 0.01},
            {"lr": 0.1, "momentum": 0.8, "nesterov": True},
            {"lr": 0.1, "momentum": 0.8, "nesterov": True, "weight_decay": 0.2},
        ]),
        ("Adam", torch.optim.Adam, [
            {"lr": 0.1},
            {"lr": 0.01, "betas": [0.5, 0.8], "eps": 1e-3},
            {"lr": 0.1, "weight_decay": 0.2},
            {"lr": 0.1, "amsgrad": True},
            {"lr": 0.1, "amsgrad": True, "weight_decay": 0.1, "betas": [0.6, 0.5]},
        ]),
        ("AdamW", torch.optim.AdamW, [
            {"lr": 0.1},
            {"lr": 0.1, "weight_decay": 0.3},
            {"lr": 0.1, "amsgrad": True, "betas": [0.6, 0.5]},
        ]),
        ("RmsProp", torch.optim.RMSprop, [
            {"lr": 0.1},
            {"lr": 0.1, "alpha": 0.7, "eps": 1e-2, "weight_decay": 0.1},
            {"lr": 0.1, "momentum": 0.8},
            {"lr": 0.1, "centered": True},
            {"lr": 0.1, "centered": True, "momentum": 0.6, "weight_decay": 0.1},
        ]),
    ]
    return [optimizer_inputs()] + [
        optimizer_case(name, make, options, dtype)
        for name, make, cases in kinds
        for options in cases
        for dtype in (torch.float64, torch.float32)
    ]


def schedule_case(name, options, make, count, base=(0.4, 0.1)):
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": rate} for rate in base]
    optimizer = torch.optim.SGD(groups, lr=0.4, momentum=0.9)
    schedule = make(optimizer)
    rows = []
    for _ in range(count):
        rows.append({"rates": [g["lr"] for g in optimizer.param_groups], "momentum": optimizer.param_groups[0]["momentum"]})
        optimizer.step()
        schedule.step()
    return {"schedule": name, "options": options, "initialRates": list(base), "values": rows}


def schedules():
    lr = torch.optim.lr_scheduler

    def warm(optimizer, steps, start, then):
        first = lr.LinearLR(optimizer, start_factor=start, end_factor=1.0, total_iters=steps)
        return lr.SequentialLR(optimizer, [first, then(optimizer)], milestones=[steps])

    return [
        schedule_case("Step", {"period": 3, "factor": 0.5}, lambda o: lr.StepLR(o, 3, 0.5), 11),
        schedule_case("MultiStep", {"milestones": [2, 5, 5, 9], "factor": 0.3},
                      lambda o: lr.MultiStepLR(o, [2, 5, 5, 9], 0.3), 12),
        schedule_case("Cosine", {"steps": 10, "minimumRate": 0.0}, lambda o: lr.CosineAnnealingLR(o, 10), 11),
        schedule_case("Cosine", {"steps": 6, "minimumRate": 0.05}, lambda o: lr.CosineAnnealingLR(o, 6, 0.05), 7),
        schedule_case("OneCycle", {"maximumRate": 0.8, "steps": 20}, lambda o: lr.OneCycleLR(o, 0.8, total_steps=20), 20),
        schedule_case("OneCycle", {"maximumRate": 0.8, "steps": 7, "riseFraction": 0.5, "div": 10.0, "finalDiv": 100.0},
                      lambda o: lr.OneCycleLR(o, 0.8, total_steps=7, pct_start=0.5, div_factor=10.0, final_div_factor=100.0), 7),
        schedule_case("OneCycle", {"maximumRate": 0.8, "steps": 5, "riseFraction": 0.0},
                      lambda o: lr.OneCycleLR(o, 0.8, total_steps=5, pct_start=0.0), 5),
        schedule_case("WarmUpStep", {"warmUp": 4, "startFactor": 0.1, "period": 3, "factor": 0.5},
                      lambda o: warm(o, 4, 0.1, lambda p: lr.StepLR(p, 3, 0.5)), 14),
        schedule_case("WarmUpCosine", {"warmUp": 3, "startFactor": 0.25, "steps": 8},
                      lambda o: warm(o, 3, 0.25, lambda p: lr.CosineAnnealingLR(p, 8)), 11),
    ]


def clipping():
    cases = []
    for dtype in (torch.float64, torch.float32):
        for order in (2.0, 1.0, 3.0, math.inf):
            for limit in (0.5, 1e6):
                parameters = [torch.zeros(s, dtype=dtype, requires_grad=True) for s in SHAPES]
                for i, p in enumerate(parameters):
                    p.grad = None if i == 1 else 3 * wave(SHAPES[i], i, dtype)
                before = [None if p.grad is None else numbers(p.grad) for p in parameters]
                norm = torch.nn.utils.clip_grad_norm_(parameters, limit, order)
                cases.append({
                    "dtype": "Float32" if dtype == torch.float32 else "Float64",
                    "order": "Infinity" if order == math.inf else order,
                    "limit": limit,
                    "before": before,
                    "norm": norm.double().item(),
                    "after": [None if p.grad is None else numbers(p.grad) for p in parameters],
                })
    return cases


def write(name, content):
    path = os.path.join(HERE, name)
    with open(path, "w", newline="\n") as file:
        # One case a line: small, and a change shows where it is.
        file.write("[\n" + ",\n".join(json.dumps(case) for case in content) + "\n]\n")
    print(f"{path}: {len(content)} cases, {os.path.getsize(path)} bytes")


write("optimizers.json", optimizers())
write("schedules.json", schedules())
write("clipping.json", clipping())
