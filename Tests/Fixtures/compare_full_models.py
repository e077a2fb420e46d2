"""Models of full size, PyTorch beside MomentumCore: the same random weights and inputs, outputs, gradients, and weights back.

    python3 Tests/Fixtures/compare_full_models.py write full
    FULL_MODELS=$PWD/full dotnet test Tests -c Release --filter TestCategory=FullSize --logger 'console;verbosity=detailed'
    python3 Tests/Fixtures/compare_full_models.py check full

Needs torch, torchvision and the authors' momentumnet (done with 1.13, 0.14 and 0.10 on the CPU), and 3 GB in the folder. The
first writes weights, inputs, and what they give in float32 and float64; the second holds ours to that and writes the
weights again (the momentum ResNets in Store, or as FULL_MODE says); the third asks PyTorch whether they are the same, bit for bit.
"""
import copy
import pathlib
import sys

import torch
from torch import nn
from torchvision import models as vision

from momentumnet import models as authors

FOLDER = pathlib.Path(sys.argv[2])


def small_stem(model):
    model.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
    model.maxpool = nn.Identity()
    return model


def all_models():
    for layers in [18, 34, 50, 101, 152]:
        make = getattr(vision, f"resnet{layers}")
        yield f"resnet{layers}, evaluation", make(num_classes=10), torch.randn(1, 3, 64, 64)
        yield f"resnet{layers}, small images, evaluation", small_stem(make(num_classes=10)), torch.randn(1, 3, 32, 32)
    yield "resnet18, training", vision.resnet18(num_classes=10), torch.randn(4, 3, 64, 64)
    yield "resnet18, small images, training", small_stem(vision.resnet18(num_classes=10)), torch.randn(4, 3, 32, 32)
    for layers in [18, 34, 101, 152]:
        make = getattr(authors, f"mResNet{layers}")
        yield f"mresnet{layers}, small images, evaluation", make(10, use_backprop=True), torch.randn(1, 3, 32, 32)
        learned = make(10, use_backprop=True, init_speed=1)
        yield f"mresnet{layers}, small images, learned velocity, evaluation", learned, torch.randn(1, 3, 32, 32)
    vit = vision.vit_b_16()
    nn.init.normal_(vit.heads.head.weight, std=0.05)  # 0 else
    yield "vit_b_16, evaluation", vit, torch.randn(1, 3, 224, 224)
    yield "transformer, evaluation", nn.Transformer(), torch.randn(10, 2, 512), torch.randn(8, 2, 512)


def write():
    torch.manual_seed(0)
    FOLDER.mkdir(exist_ok=True)
    for name, model, *inputs in all_models():
        model.train(name.endswith("training"))
        torch.save(model.state_dict(), FOLDER / f"{name}.weights.pth")
        data = {f"input{i}": x for i, x in enumerate(inputs)}
        for kind in [torch.float32, torch.float64]:
            one, xs = copy.deepcopy(model).to(kind), [x.to(kind) for x in inputs]
            xs[0] = xs[0].detach().clone().requires_grad_()
            output = one(*xs)
            (output.flatten() * torch.sin(torch.arange(output.numel(), dtype=kind))).sum().backward()
            first = next(one.parameters())
            data[str(kind).removeprefix("torch.")] = {
                "output": output.detach(), "input gradient": xs[0].grad, "parameter gradient": first.grad}
        torch.save(data, FOLDER / f"{name}.data.pth")
        print(name)


def check():
    count = 0
    for path in sorted(FOLDER.glob("*.weights.pth")):
        ours = torch.load(path.with_name(path.name.replace(".weights.", ".back.")), weights_only=True)
        theirs = torch.load(path)
        assert list(ours) == list(theirs), path
        for name, tensor in theirs.items():
            same = ours[name].dtype == tensor.dtype and torch.equal(ours[name], tensor)
            assert same, (path, name)
        count += len(theirs)
    print(f"{count:,} tensors of {len(list(FOLDER.glob('*.weights.pth')))} models: the same bits")


if __name__ == "__main__":
    {"write": write, "check": check}[sys.argv[1]]()
