"""Writes models.json: what PyTorch's, torchvision's and momentumnet's models hold and compute.

Needs PyTorch, torchvision and a checkout of https://github.com/michaelsdr/momentumnet (made with 1.13 and 0.14, CPU):

    PYTHONPATH=<momentumnet checkout> python3 Tests/Fixtures/make_model_fixtures.py

Parameters and inputs come from a formula that the tests compute, too; everything is float64. Of each parameter's
gradient and each buffer its norm, its product with a probe of the same formula, and its first elements are written: few
numbers on which every element has its part. So are the outputs before and after one step of SGD.
"""
import copy
import hashlib
import json
import pathlib

import numpy
import torch
from torch import nn
from torchvision import models as vision
from torchvision.models.vision_transformer import VisionTransformer

from momentumnet import MomentumNet, models as authors, transform_to_momentumnet


def noise(shape, seed):
    """Uniform in [-1, 1), from a hash of position and seed: the same everywhere, to the bit."""
    h = (numpy.arange(int(numpy.prod(shape)), dtype=numpy.uint64) * 2654435761 + seed * 40503 + 12345).astype(numpy.uint32)
    h ^= h >> numpy.uint32(16)
    h *= numpy.uint32(0x85EBCA6B)
    h ^= h >> numpy.uint32(13)
    h *= numpy.uint32(0xC2B2AE35)
    h ^= h >> numpy.uint32(16)
    return torch.from_numpy(h.astype(numpy.float64) / 2.0**31 - 1).reshape(shape)


def fill(module, branches=1):
    """Values of a trained network's size; the position in the state is the seed.

    branches: a factor for the weight of the last norm of each bottleneck, so for what its branch adds.
    """
    with torch.no_grad():
        for seed, (name, tensor) in enumerate(module.state_dict().items()):
            if not tensor.is_floating_point():
                continue
            value = noise(tensor.shape, seed)
            if tensor.dim() > 1:
                value = value * (3 / max(1, int(numpy.prod(tensor.shape[1:])))) ** 0.5
            elif name.endswith("running_var"):
                value = 1 + 0.3 * value
            elif name.endswith("weight"):
                value = (1 + 0.2 * value) * (branches if name.endswith("bn3.weight") else 1)
            else:
                value = 0.1 * value
            tensor.copy_(value)


def short(value):
    return float(f"{value:.13g}")


def summary(tensor, seed):
    """Norm, product with the probe, first elements."""
    tensor = tensor.detach()
    numbers = [tensor.norm().item(), (tensor * noise(tensor.shape, 1000 + seed)).sum().item()]
    return [short(v) for v in numbers + tensor.flatten()[:3].tolist()]


def numbers(tensor):
    return [short(v) for v in tensor.detach().flatten().tolist()]


def deviation(double, single):
    """How far a summary's norm and probe in float32 lie from those in float64, as a share of the norm."""
    return max((abs(a - b) for a, b in zip(double[:2], single[:2])), default=0) / max(double[0], 1e-6)


def state_hash(model):
    """One number for all names and shapes of the state, in order."""
    lines = "\n".join(f"{k} {list(v.shape)}" for k, v in model.state_dict().items())
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


def state(name, model, **more):
    """Names and shapes of a model of full size."""
    count = sum(p.numel() for p in model.parameters())
    return {"name": f"{name}, state", "stateHash": state_hash(model), "stateCount": len(model.state_dict()), "parameterCount": count, **more}


def case(name, model, *inputs, train=True, classes=0, call=None, step=True, modes="store", branches=1):
    """inputs: shapes of inputs that require a gradient, in the seeds 500, 501 ..."""
    model = model.double().train(train)
    fill(model, branches)
    xs = [noise(shape, 500 + i).requires_grad_() for i, shape in enumerate(inputs)]
    call = call or (lambda m, *x: m(*x))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)

    def loss_of(output):
        if classes:
            targets = torch.arange(output.shape[0]) * 3 % classes
            return nn.functional.cross_entropy(output, targets)
        return (output**2).mean()

    single = copy.deepcopy(model).float()
    singles = [x.detach().float().requires_grad_() for x in xs]
    loss_of(call(single, *singles)).backward()
    output = call(model, *xs)
    loss = loss_of(output)
    loss.backward()
    result = {
        "name": name,
        "modes": modes,
        "train": train,
        "classes": classes,
        "branches": branches,
        "inputs": [list(shape) for shape in inputs],
        "stateHash": state_hash(model),
        "stateCount": len(model.state_dict()),
        "output": numbers(output) if output.numel() <= 400 else summary(output, 77),
        "loss": short(loss.item()),
        "inputGradients": [summary(x.grad, i) for i, x in enumerate(xs)],
        "gradients": [summary(p.grad, i) for i, p in enumerate(model.parameters())],
        "buffers": [summary(b.double(), i) for i, b in enumerate(model.buffers())],
    }
    # PyTorch's own float32, where it is further from float64 than the 1e-4 that is asked of ours.
    leaves = [*zip(xs, singles), *zip(model.parameters(), single.parameters())]
    off = max(deviation(summary(a.grad, i), summary(b.grad.double(), i)) for i, (a, b) in enumerate(leaves))
    if off > 5e-5:
        result["float32Deviation"] = short(off)
    if step:
        optimizer.step()
        with torch.no_grad():
            result["lossAfterStep"] = short(loss_of(call(model, *[x.detach() for x in xs])).item())
    return result


def cifar_stem(model):
    model.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
    model.maxpool = nn.Identity()
    return model


def resnets():
    image = [2, 3, 64, 64]
    yield case("resnet18", vision.resnet18(num_classes=10), image, classes=10)
    yield case("resnet18, evaluation", vision.resnet18(num_classes=10), image, classes=10, train=False)
    yield case("resnet18, evaluation, one small image", vision.resnet18(num_classes=10), [1, 3, 32, 32], classes=10, train=False)
    yield case("resnet18, small images", cifar_stem(vision.resnet18(num_classes=10)), [2, 3, 16, 16], classes=10)
    yield case("resnet50", vision.resnet50(num_classes=10), image, classes=10)
    yield case("resnet50, evaluation", vision.resnet50(num_classes=10), [1, 3, 64, 64], classes=10, train=False)
    # A ReLU whose input lies within rounding of 0 lets a gradient through in one precision and not in the other; the 53
    # layers above make such of rounding. With small branches none is in this case, as PyTorch's own float32 shows.
    yield case("resnet50, small branches", vision.resnet50(num_classes=10), [4, 3, 64, 64], classes=10, branches=0.1)
    # The deeper ones as they are used; with small branches, as above.
    for name in ["resnet34", "resnet101", "resnet152"]:
        yield case(f"{name}, evaluation", getattr(vision, name)(num_classes=10), [1, 3, 64, 64], classes=10, train=False, branches=0.1)
    bottlenecks = cifar_stem(vision.ResNet(vision.resnet.Bottleneck, [2, 1, 2, 1], num_classes=10))
    yield case("resnet of bottlenecks, small images", bottlenecks, [2, 3, 16, 16], classes=10)
    for name in ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "wide_resnet50_2"]:
        yield state(name, getattr(vision, name)())
    for name in ["ResNet18", "ResNet34", "ResNet101", "ResNet152"]:
        yield state(f"momentumnet {name}", getattr(authors, name)(10))


def momentum_resnets():
    small = [2, 3, 16, 16]
    yield case("mresnet18", authors.mResNet18(num_classes=10, use_backprop=True), small, classes=10, modes="all")
    yield case("mresnet18, evaluation", authors.mResNet18(10, gamma=0.5, use_backprop=True), small, classes=10, train=False, modes="all")
    yield case("mresnet18, learned velocity", authors.mResNet18(10, init_speed=1, use_backprop=True), small, classes=10, modes="all")
    yield case("mresnet18, no norms", authors.mResNet18(10, bn=False, use_backprop=True), small, classes=10, modes="all")
    def bottlenecks(layers, **more):
        return authors.MResNet(authors.Bottleneck, authors.MBottleneck, layers, num_classes=10, use_backprop=True, **more)

    # Where a norm follows a bias its gradient is 0: in float32 the grid of the exact mode shows there.
    yield case("mresnet of bottlenecks", bottlenecks([3, 2, 3, 2]), [4, 3, 16, 16], classes=10, modes="recompute", branches=0.1)
    yield case(
        "mresnet of bottlenecks, learned velocity, evaluation", bottlenecks([2, 2, 2, 2], init_speed=1), small, classes=10,
        train=False, modes="all", branches=0.1)
    yield case("mresnet34, evaluation", authors.mResNet34(10, use_backprop=True), small, classes=10, train=False, modes="recompute")
    for name, make in [("mresnet101", authors.mResNet101), ("mresnet152", authors.mResNet152)]:
        yield case(
            f"{name}, evaluation", make(10, use_backprop=True), small, classes=10, train=False, modes="recompute", branches=0.1)
    for name in ["mResNet18", "mResNet34", "mResNet50", "mResNet101", "mResNet152"]:
        # The package has no function for 50 layers, but the class that makes it.
        make = getattr(authors, name, lambda *args, **more: authors.MResNet(authors.Bottleneck, authors.MBottleneck, [3, 4, 6, 3], *args, **more))
        yield state(name, make(10, use_backprop=True))
        yield state(f"{name}, learned velocity", make(1000, use_backprop=True, init_speed=1))
    transformed = transform_to_momentumnet(vision.resnet18(num_classes=10), gamma=0.9, use_backprop=True)
    yield case("resnet18, transformed", transformed, [2, 3, 64, 64], classes=10, modes="all")
    transformed = transform_to_momentumnet(vision.resnet18(num_classes=10), ["layer1"], False, 0.7, True)
    yield case("resnet18, first stage whole, gamma 0.7", transformed, [2, 3, 64, 64], classes=10, modes="all")
    transformed = transform_to_momentumnet(vision.resnet18(num_classes=10), gamma=0.0, use_backprop=True)
    yield case("resnet18, transformed, gamma 0", transformed, [2, 3, 64, 64], classes=10)
    transformed = transform_to_momentumnet(vision.resnet18(num_classes=10), gamma=0.9, use_backprop=True, is_residual=True)
    yield case("resnet18, transformed, residual", transformed, [2, 3, 64, 64], classes=10, modes="all")


class ResBlock(nn.Module):
    """The tutorial's block: x + f(x) for each f."""

    def __init__(self, functions):
        super().__init__()
        self.functions = functions

    def forward(self, x):
        for f in self.functions:
            x = x + f(x)
        return x


class Tutorial(nn.Module):
    """The network of the authors' tutorial, with residual and other parts."""

    def __init__(self):
        super().__init__()
        self.res_layer1 = ResBlock(nn.Sequential(*[nn.Sequential(nn.Linear(2, 10), nn.Tanh(), nn.Linear(10, 2)) for _ in range(3)]))
        self.l1 = nn.Linear(2, 4)
        self.layer2 = nn.Sequential(*[nn.Sequential(nn.Linear(4, 100), nn.ReLU(), nn.Linear(100, 4)) for _ in range(4)])
        self.l2 = nn.Linear(4, 8)
        self.fc = nn.Linear(8, 10)

    def forward(self, x):
        return self.fc(self.l2(self.layer2(self.l1(self.res_layer1(x)))))


def tutorial():
    options = {"gamma": 0.9, "use_backprop": True, "keep_first_layer": False}
    yield case("tutorial", Tutorial(), [6, 2], classes=10)
    first = transform_to_momentumnet(Tutorial(), ["res_layer1.functions"], is_residual=True, **options)
    yield case("tutorial, first part", first, [6, 2], classes=10, modes="all")
    both = transform_to_momentumnet(first, ["layer2"], is_residual=False, **options)
    yield case("tutorial, both parts", both, [6, 2], classes=10, modes="all")


PADDING = torch.tensor([[False, False, False, True, True], [False] * 5])
TARGET_PADDING = torch.tensor([[False] * 4, [False, False, True, True]])
HIDDEN = torch.tensor([[False, True, False, False, True], [False, False, False, True, False], [False] * 5, [True] + [False] * 4])


def causal(size):
    return torch.triu(torch.ones(size, size, dtype=torch.bool), 1)


def transformers():
    small = {"d_model": 8, "nhead": 2, "dim_feedforward": 16, "dropout": 0.0}
    whole = {**small, "num_encoder_layers": 2, "num_decoder_layers": 2}
    source, target = [5, 2, 8], [4, 2, 8]
    layer, decoder_layer = nn.TransformerEncoderLayer, nn.TransformerDecoderLayer
    yield case("encoder layer", layer(**small), source)
    yield case("encoder layer, no batch", layer(**small), [5, 8])
    yield case("encoder layer, dropout in evaluation", layer(**{**small, "dropout": 0.5}), source, train=False)
    yield case(
        "encoder layer, norm first, gelu, batch first, masks", layer(**small, norm_first=True, activation="gelu", batch_first=True),
        [2, 5, 8], call=lambda m, x: m(x, src_mask=causal(5), src_key_padding_mask=PADDING))
    yield case("encoder layer, added mask", layer(**small), source, [5, 5], call=lambda m, x, mask: m(x, src_mask=mask))
    yield case("decoder layer", decoder_layer(**small), target, source)
    yield case(
        "decoder layer, norm first, all masks", decoder_layer(**small, norm_first=True), target, source,
        call=lambda m, x, memory: m(x, memory, causal(4), HIDDEN, TARGET_PADDING, PADDING))
    yield case(
        "decoder layer, gelu, batch first, padding of the memory", decoder_layer(**small, activation="gelu", batch_first=True),
        [2, 4, 8], [2, 5, 8], call=lambda m, x, memory: m(x, memory, memory_key_padding_mask=PADDING))
    yield case("encoder", nn.TransformerEncoder(layer(**small), 3), source, call=lambda m, x: m(x, causal(5)))
    yield case("decoder, last norm", nn.TransformerDecoder(decoder_layer(**small), 3, nn.LayerNorm(8)), target, source)
    yield case("transformer", nn.Transformer(**whole), source, target)
    yield case(
        "transformer, all masks", nn.Transformer(**whole), source, target,
        call=lambda m, x, y: m(x, y, causal(5), causal(4), HIDDEN, PADDING, TARGET_PADDING, PADDING))
    yield case(
        "transformer, norm first, gelu, batch first, causal", nn.Transformer(**whole, norm_first=True, activation="gelu", batch_first=True),
        [2, 5, 8], [2, 4, 8], call=lambda m, x, y: m(x, y, tgt_mask=causal(4)))
    layers = ["encoder.layers", "decoder.layers"]
    for gamma, residual in [(0.9, False), (0.5, True), (0.0, False)]:
        transformed = transform_to_momentumnet(nn.Transformer(**whole), layers, False, gamma, True, residual)
        suffix = f"gamma {gamma:g}{', residual' if residual else ''}"
        yield case(f"transformer, transformed, {suffix}", transformed, source, target, modes="all" if gamma else "store")
    # The authors' transform drops keyword arguments, and PyTorch passes masks by keyword: their MomentumNet takes them.
    functions = [decoder_layer(**small) for _ in range(3)]
    yield case(
        "momentum decoder, all masks", MomentumNet(functions, 0.8, use_backprop=True, is_residual=False), target, source, modes="all",
        call=lambda m, x, memory: m(x, memory, causal(4), HIDDEN, TARGET_PADDING, PADDING))
    functions = [layer(**small, norm_first=True) for _ in range(3)]
    yield case(
        "momentum encoder, added mask", MomentumNet(functions, 0.8, use_backprop=True, is_residual=False), source, [5, 5], modes="all")
    yield state("transformer", nn.Transformer())


def vision_transformers():
    def small(**more):
        return VisionTransformer(image_size=8, patch_size=4, num_layers=3, num_heads=2, hidden_dim=8, mlp_dim=16, num_classes=10, **more)

    yield case("vit", small(), [2, 3, 8, 8], classes=10)
    yield case("vit, representation, dropout in evaluation", small(representation_size=6, dropout=0.3), [2, 3, 8, 8], classes=10, train=False)
    yield case("vit, transformed", transform_to_momentumnet(small(), ["encoder.layers"], False, 0.9, True), [2, 3, 8, 8], classes=10, modes="all")
    kept = transform_to_momentumnet(small(), ["encoder.layers"], True, 0.6, True)
    yield case("vit, transformed, first layer kept", kept, [2, 3, 8, 8], classes=10, modes="all")
    for name, layers in [("vit_b_16", 12), ("vit_b_32", 12), ("vit_l_16", 24), ("vit_l_32", 24), ("vit_h_14", 32)]:
        yield state(name, getattr(vision, name)(), layers=layers)


def cases():
    yield from resnets()
    yield from momentum_resnets()
    yield from tutorial()
    yield from transformers()
    yield from vision_transformers()


if __name__ == "__main__":
    torch.manual_seed(0)
    target = pathlib.Path(__file__).with_name("models.json")
    target.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases()) + "\n]\n")
