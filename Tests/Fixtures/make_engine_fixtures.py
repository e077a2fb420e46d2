"""Writes what PyTorch computes for the engine's operations: values and gradients that the parity tests compare with.

Run it from anywhere with a Python that has PyTorch (made with 1.13, CPU):

    python3 Tests/Fixtures/make_engine_fixtures.py

It rewrites Tests/Fixtures/engine/*.json. Inputs are multiples of 1/64, exact in float32 and float64 alike, so that one
fixture serves both; outputs and gradients are float64, written with repr precision. On one kind of processor the same PyTorch gives the same files;
on another its matrix products may sum in another order, and last digits differ.
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent / "engine"
GENERATOR = torch.Generator().manual_seed(20240607)
FAMILIES = {}


def rand(*shape, low=-2.0, high=2.0):
    """Uniform multiples of 1/64 in [low, high)."""
    numbers = torch.rand(shape, generator=GENERATOR, dtype=torch.float64) * (high - low) + low
    return (numbers * 64).floor() / 64


def distinct(*shape):
    """All different multiples of 1/32 in random order: maxima without ties."""
    count = math.prod(shape)
    order = torch.randperm(count, generator=GENERATOR).to(torch.float64)
    return ((order - count // 2) / 32).reshape(shape)


def index(*shape, below):
    return torch.randint(0, below, shape, generator=GENERATOR)


def number(value):
    return value if math.isfinite(value) else str(value).replace("inf", "Infinity").replace("nan", "NaN")


def plain(tensor):
    return {"shape": list(tensor.shape), "values": [number(v) for v in tensor.detach().flatten().tolist()]}


def case(family, op, label, call, inputs, options=None, fixed=(), after=None):
    """Records call(**inputs): its value, a random output gradient, and the gradients of all float inputs but the fixed."""
    tensors = {}
    for name, value in inputs.items():
        wanted = value.is_floating_point() and name not in fixed
        tensors[name] = value.clone().requires_grad_(wanted)
    written = {name: dict(plain(value), integer=not value.is_floating_point()) for name, value in inputs.items()}
    output = call(**tensors)
    record = {"op": op, "label": label, "options": options or {}, "inputs": written, "output": plain(output)}
    if output.requires_grad:
        gradient = rand(*output.shape, low=-1, high=1)
        output.backward(gradient)
        record["outputGradient"] = plain(gradient)
        record["gradients"] = {n: plain(t.grad) for n, t in tensors.items() if t.requires_grad and t.grad is not None}
    if after is not None:
        record["after"] = {name: plain(tensors[name]) for name in after}
    FAMILIES.setdefault(family, []).append(record)


def softmax():
    for label, shape, axis in [("rows", (3, 5), 1), ("columns", (4, 3), 0), ("middle axis", (2, 3, 2), 1)]:
        case("softmax", "softmax", label, lambda x: F.softmax(x, axis), {"x": rand(*shape)}, {"axis": axis})
        case("softmax", "logSoftmax", label, lambda x: F.log_softmax(x, axis), {"x": rand(*shape)}, {"axis": axis})
    case("softmax", "softmax", "large", lambda x: F.softmax(x, 1), {"x": 300 * rand(2, 4)}, {"axis": 1})
    case("softmax", "logSoftmax", "large", lambda x: F.log_softmax(x, 1), {"x": 300 * rand(2, 4)}, {"axis": 1})


def class_losses():
    def cross_entropy(label, shape, reduction="mean", weighted=False, smoothing=0.0, ignored=-100, target=None):
        classes = shape[1] if len(shape) > 1 else shape[0]
        rows = (shape[0], *shape[2:]) if len(shape) > 1 else ()
        inputs = {"x": rand(*shape), "target": index(*rows, below=classes) if target is None else target}
        if weighted:
            inputs["weight"] = rand(classes, low=0.5, high=3)
        options = {"reduction": reduction, "smoothing": smoothing, "ignored": ignored}

        def call(x, target, weight=None):
            return F.cross_entropy(
                x, target, weight, ignore_index=ignored, reduction=reduction, label_smoothing=smoothing)

        case("losses", "crossEntropy", f"{label}, {reduction}", call, inputs, options, fixed=("weight",))
        if smoothing == 0:
            def likelihood(x, target, weight=None):
                return F.nll_loss(x, target, weight, ignore_index=ignored, reduction=reduction)

            case("losses", "nllLoss", f"{label}, {reduction}", likelihood, inputs, options, fixed=("weight",))

    for reduction in ("mean", "sum", "none"):
        cross_entropy("rows", (4, 3), reduction)
        cross_entropy("weighted", (4, 3), reduction, weighted=True)
        cross_entropy("weighted, smoothed, ignoring", (5, 3), reduction, weighted=True, smoothing=0.2, ignored=1)
        cross_entropy("ignoring", (5, 3), reduction, ignored=2)
        cross_entropy("all ignored", (2, 3), reduction, target=torch.tensor([-100, -100]))
    cross_entropy("images", (2, 3, 2, 2))
    cross_entropy("images smoothed", (2, 3, 2, 2), smoothing=0.1)
    cross_entropy("no batch", (4,))
    cross_entropy("smoothed", (4, 5), smoothing=0.1)
    cross_entropy("smoothed, ignoring", (5, 3), smoothing=0.1, ignored=0)
    cross_entropy("some beyond the classes ignored", (3, 3), target=torch.tensor([1, -100, 2]))


def elementwise_losses():
    for reduction in ("mean", "sum", "none"):
        def inputs():
            # Never equal: at a tie PyTorch's smooth L1 with beta 0 has gradient -1, where its L1 and ours have 0.
            return {"x": rand(3, 4), "target": rand(3, 4) + 1 / 128}

        options = {"reduction": reduction}
        case("losses", "mseLoss", reduction, lambda x, target: F.mse_loss(x, target, reduction=reduction), inputs(), options)
        case("losses", "l1Loss", reduction, lambda x, target: F.l1_loss(x, target, reduction=reduction), inputs(), options)
        for beta in (1.0, 0.25, 0.0):
            case("losses", "smoothL1Loss", f"{reduction}, beta {beta}",
                 lambda x, target: F.smooth_l1_loss(x, target, reduction=reduction, beta=beta), inputs(),
                 dict(options, beta=beta))

        def bce(x, target, posWeight=None):
            return F.binary_cross_entropy_with_logits(x, target, pos_weight=posWeight, reduction=reduction)

        case("losses", "bceWithLogits", reduction, bce, {"x": rand(3, 4), "target": rand(3, 4, low=0, high=1)}, options)
        case("losses", "bceWithLogits", f"{reduction}, weighted", bce,
             {"x": rand(3, 4), "target": rand(3, 4, low=0, high=1), "posWeight": rand(4, low=0.5, high=3)}, options,
             fixed=("posWeight",))
    case("losses", "bceWithLogits", "large", lambda x, target: F.binary_cross_entropy_with_logits(x, target, reduction="none"),
         {"x": 100 * rand(2, 4), "target": rand(2, 4, low=0, high=1)}, {"reduction": "none"})


def norms():
    def batch_norm(label, shape, training, affine=True, running=True, momentum=0.1, eps=1e-5):
        channels = shape[1]
        inputs = {"x": rand(*shape)}
        if affine:
            inputs |= {"weight": rand(channels), "bias": rand(channels)}
        if running:
            inputs |= {"runningMean": rand(channels), "runningVar": rand(channels, low=0.5, high=2)}

        def call(x, weight=None, bias=None, runningMean=None, runningVar=None):
            return F.batch_norm(x, runningMean, runningVar, weight, bias, training, momentum, eps)

        case("norms", "batchNorm", label, call, inputs, {"training": training, "momentum": momentum, "eps": eps},
             fixed=("runningMean", "runningVar"), after=("runningMean", "runningVar") if running else None)

    batch_norm("rows", (5, 3), True)
    batch_norm("series", (2, 3, 4), True, momentum=0.3)
    batch_norm("images", (2, 2, 3, 2), True, eps=1e-3)
    batch_norm("no running statistics", (3, 2, 2), True, running=False)
    batch_norm("not affine", (4, 3), True, affine=False)
    batch_norm("evaluated rows", (5, 3), False)
    batch_norm("evaluated images", (2, 2, 2, 2), False, eps=1e-3)
    batch_norm("evaluated, not affine", (3, 2, 3), False, affine=False)

    def affine_inputs(shape, parameters, affine):
        inputs = {"x": rand(*shape)}
        return inputs | ({"weight": rand(*parameters), "bias": rand(*parameters)} if affine else {})

    for label, shape, over, affine in [("last axis", (3, 5), (5,), True), ("two axes", (2, 3, 2), (3, 2), True),
                                       ("not affine", (3, 4), (4,), False)]:
        case("norms", "layerNorm", label, lambda x, weight=None, bias=None: F.layer_norm(x, over, weight, bias, 1e-4),
             affine_inputs(shape, over, affine), {"shape": list(over), "eps": 1e-4})
    for label, shape, groups, affine in [("rows", (2, 6), 2, True), ("series", (2, 4, 3), 2, True),
                                         ("images", (2, 4, 2, 2), 1, True), ("not affine", (2, 4, 3), 2, False)]:
        case("norms", "groupNorm", label, lambda x, weight=None, bias=None: F.group_norm(x, groups, weight, bias, 1e-4),
             affine_inputs(shape, (shape[1],), affine), {"groups": groups, "eps": 1e-4})
    for label, shape, affine in [("series", (2, 3, 4), True), ("images", (2, 2, 3, 2), True), ("not affine", (2, 2, 3), False)]:
        case("norms", "instanceNorm", label,
             lambda x, weight=None, bias=None: F.instance_norm(x, weight=weight, bias=bias, eps=1e-4),
             affine_inputs(shape, (shape[1],), affine), {"eps": 1e-4})


def attention():
    def attend(q, k, v, mask=None, causal=False, scale=None):
        """softmax(scale q kᵀ + mask) v, as torch.nn.functional.scaled_dot_product_attention documents it."""
        scores = q @ k.transpose(-2, -1) * (1 / math.sqrt(q.shape[-1]) if scale is None else scale)
        if causal:
            scores = scores.masked_fill(~torch.ones(scores.shape[-2:], dtype=torch.bool).tril(), -math.inf)
        if mask is not None:
            scores = scores.masked_fill(mask == 0, -math.inf) if not mask.is_floating_point() else scores + mask
        return scores.softmax(-1) @ v

    def inputs(q, k, v, **more):
        return {"q": rand(*q), "k": rand(*k), "v": rand(*v)} | more

    def add(label, tensors, **options):
        case("attention", "attention", label,
             lambda q, k, v, mask=None: attend(q, k, v, mask, options.get("causal", False), options.get("scale")),
             tensors, options)

    add("one head", inputs((3, 2), (4, 2), (4, 3)))
    add("heads", inputs((2, 2, 3, 2), (2, 2, 3, 2), (2, 2, 3, 2)))
    add("shared keys", inputs((2, 3, 2), (1, 4, 2), (1, 4, 2)))
    add("causal", inputs((2, 4, 2), (2, 4, 2), (2, 4, 2)), causal=True)
    add("scaled", inputs((3, 2), (3, 2), (3, 2)), scale=0.25)
    add("added mask", inputs((2, 3, 2), (2, 4, 2), (2, 4, 2), mask=rand(3, 4)))
    kept = torch.tensor([[1, 0, 1], [1, 1, 0]])
    add("hidden keys", inputs((2, 2, 2), (2, 3, 2), (2, 3, 2), mask=kept[:, None, :]))
    add("hidden keys, causal", inputs((2, 3, 2), (2, 3, 2), (2, 3, 2), mask=kept[:, None, :]), causal=True)


def convolutions():
    def conv(label, op, call, x, weight, bias, **options):
        defaults = {"stride": [1, 1], "padding": [0, 0], "dilation": [1, 1], "groups": 1}
        settings = defaults | ({"outputPadding": [0, 0]} if op == "convTranspose2d" else {}) | options
        inputs = {"x": rand(*x), "weight": rand(*weight)} | ({"bias": rand(bias)} if bias else {})
        case("convolutions", op, label, lambda x, weight, bias=None: call(x, weight, bias, settings), inputs, settings)

    def forward(x, weight, bias, s):
        return F.conv2d(x, weight, bias, s["stride"], s["padding"], s["dilation"], s["groups"])

    def transposed(x, weight, bias, s):
        return F.conv_transpose2d(
            x, weight, bias, s["stride"], s["padding"], s["outputPadding"], s["groups"], s["dilation"])

    conv("plain", "conv2d", forward, (2, 2, 4, 3), (2, 2, 2, 2), 2)
    conv("padded", "conv2d", forward, (1, 2, 3, 4), (2, 2, 3, 3), None, padding=[1, 1])
    conv("stride", "conv2d", forward, (1, 1, 5, 6), (2, 1, 3, 2), 2, stride=[2, 3], padding=[1, 0])
    conv("dilation", "conv2d", forward, (1, 1, 6, 5), (1, 1, 2, 3), 1, dilation=[3, 2], padding=[1, 2])
    conv("groups", "conv2d", forward, (1, 4, 3, 3), (4, 2, 2, 2), 4, groups=2)
    conv("depthwise, everything", "conv2d", forward, (1, 2, 5, 5), (4, 1, 3, 2), 4, groups=2, stride=[2, 1], padding=[2, 1],
         dilation=[1, 2])
    conv("pointwise", "conv2d", forward, (2, 3, 2, 2), (2, 3, 1, 1), 2)
    conv("plain", "convTranspose2d", transposed, (1, 2, 3, 2), (2, 2, 2, 2), 2)
    conv("stride", "convTranspose2d", transposed, (1, 1, 2, 3), (1, 2, 3, 2), None, stride=[2, 3], padding=[1, 0])
    conv("output padding", "convTranspose2d", transposed, (1, 1, 2, 2), (1, 1, 3, 3), 1, stride=[2, 2], padding=[1, 1],
         outputPadding=[1, 1])
    conv("groups, dilation", "convTranspose2d", transposed, (1, 4, 2, 2), (4, 1, 2, 2), 2, groups=2, dilation=[2, 1])


def pooling():
    def pool(op, label, call, x, **options):
        case("pooling", op, label, call, {"x": x}, options)

    for label, shape, s in [
            ("square", (1, 2, 4, 4), dict(kernel=[2, 2], stride=[2, 2], padding=[0, 0], dilation=[1, 1])),
            ("overlapping", (1, 1, 5, 4), dict(kernel=[3, 2], stride=[1, 2], padding=[1, 1], dilation=[1, 1])),
            ("dilated", (1, 1, 6, 5), dict(kernel=[2, 2], stride=[2, 1], padding=[0, 1], dilation=[2, 3]))]:
        pool("maxPool2d", label, lambda x: F.max_pool2d(x, s["kernel"], s["stride"], s["padding"], s["dilation"]),
             distinct(*shape), **s)
    for label, shape, s in [
            ("square", (1, 2, 4, 4), dict(kernel=[2, 2], stride=[2, 2], padding=[0, 0], countPad=True)),
            ("padded", (1, 1, 5, 4), dict(kernel=[3, 2], stride=[2, 1], padding=[1, 1], countPad=True)),
            ("padded, not counted", (1, 1, 5, 4), dict(kernel=[3, 2], stride=[2, 1], padding=[1, 1], countPad=False))]:
        pool("avgPool2d", label,
             lambda x: F.avg_pool2d(x, s["kernel"], s["stride"], s["padding"], count_include_pad=s["countPad"]),
             rand(*shape), **s)
    for label, shape, size in [("divides", (1, 2, 4, 6), [2, 3]), ("uneven", (1, 1, 5, 7), [3, 4]), ("grows", (1, 1, 2, 3), [3, 5]),
                               ("global", (2, 2, 3, 3), [1, 1])]:
        pool("adaptiveAvgPool2d", label, lambda x: F.adaptive_avg_pool2d(x, size), rand(*shape), size=size)
        pool("adaptiveMaxPool2d", label, lambda x: F.adaptive_max_pool2d(x, size), distinct(*shape), size=size)


def products():
    def linear(x, weight, bias=None):
        return F.linear(x, weight, bias)

    case("products", "linear", "matrix", linear, {"x": rand(3, 4), "weight": rand(2, 4), "bias": rand(2)})
    case("products", "linear", "stack", linear, {"x": rand(2, 3, 4), "weight": rand(2, 4), "bias": rand(2)})
    case("products", "linear", "without bias", linear, {"x": rand(3, 4), "weight": rand(2, 4)})
    for label, a, b in [("matrices", (3, 4), (4, 2)), ("batch", (2, 3, 2), (2, 2, 3)), ("right shared", (2, 3, 2), (2, 4)),
                        ("left shared", (3, 2), (2, 2, 3)), ("both broadcast", (2, 1, 2, 3), (3, 3, 2)), ("vectors", (5,), (5,)),
                        ("vector left", (3,), (2, 3, 2)), ("vector right", (2, 3, 2), (2,))]:
        case("products", "matMul", label, lambda a, b: a @ b, {"a": rand(*a), "b": rand(*b)})
    case("products", "embedding", "matrix of indices", lambda weight, indices: F.embedding(indices, weight),
         {"weight": rand(5, 3), "indices": index(2, 3, below=5)})


def pointwise():
    x = {"x": rand(3, 5, low=-4, high=4)}
    case("pointwise", "gelu", "exact", lambda x: F.gelu(x), x, {"form": "exact"})
    case("pointwise", "gelu", "tanh", lambda x: F.gelu(x, approximate="tanh"), x, {"form": "tanh"})
    case("pointwise", "silu", "", lambda x: F.silu(x), x)
    case("pointwise", "softplus", "", lambda x: F.softplus(x), x)
    case("pointwise", "leakyRelu", "slope 0.2", lambda x: F.leaky_relu(x, 0.2), x, {"slope": 0.2})
    case("pointwise", "erf", "", torch.erf, x)


def reductions():
    for label, axes, keep in [("last axis", [2], False), ("two axes", [0, 2], True), ("all", [0, 1, 2], False)]:
        for correction in (0, 1):
            options = {"axes": axes, "keep": keep, "correction": correction}
            case("reductions", "var", f"{label}, correction {correction}",
                 lambda x: torch.var(x, dim=axes, correction=correction, keepdim=keep), {"x": rand(2, 3, 4)}, options)
            case("reductions", "std", f"{label}, correction {correction}",
                 lambda x: torch.std(x, dim=axes, correction=correction, keepdim=keep), {"x": rand(2, 3, 4)}, options)
        options = {"axes": axes, "keep": keep}
        case("reductions", "logSumExp", label, lambda x: torch.logsumexp(x, axes, keepdim=keep), {"x": 20 * rand(2, 3, 4)}, options)
        for p in (1.0, 2.0, 3.5):
            case("reductions", "norm", f"{label}, p {p}", lambda x: torch.linalg.vector_norm(x, p, axes, keepdim=keep),
                 {"x": rand(2, 3, 4) + 1 / 128}, dict(options, p=p))


if __name__ == "__main__":
    for make in (softmax, class_losses, elementwise_losses, norms, attention, convolutions, pooling, products, pointwise, reductions):
        make()
    HERE.mkdir(exist_ok=True)
    for family, cases in FAMILIES.items():
        lines = ",\n".join(json.dumps(c, separators=(",", ":"), allow_nan=False) for c in cases)
        (HERE / f"{family}.json").write_text(f"[\n{lines}\n]\n")
        print(f"{family}: {len(cases)} cases")
