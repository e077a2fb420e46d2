"""Writes xmath.json: values of the functions of XMath with twice the digits of a double, for XMathAccuracyTests.

Each row holds the bits of the arguments, the bits of the double nearest to the true value, and what that double lacks
of it. Needs mpmath. Run: python3 make_xmath_table.py > xmath.json
"""
import json
import math
import random
import struct

from mpmath import mp, mpf

mp.prec = 200
random.seed(20260101)


def bits(x):
    return format(struct.unpack("<Q", struct.pack("<d", x))[0], "016x")


def nearest(value):
    """The double nearest to a high-precision number, subnormals included."""
    if value == 0:
        return 0.0
    exponent = max(int(mp.floor(mp.log(abs(value), 2))) - 52, -1074)
    return math.ldexp(int(mp.nint(value / mp.ldexp(1, exponent))), exponent)


def sign():
    return random.choice((-1.0, 1.0))


def log_uniform(low, high):
    return 2.0 ** random.uniform(math.log2(low), math.log2(high))


def many(count, make):
    return [make() for _ in range(count)]


EXP = many(120, lambda: random.uniform(-745, 709.7)) + many(40, lambda: sign() * log_uniform(1e-17, 1)) + [709.78, -745.1, -708.4]
LOG = many(80, lambda: log_uniform(2.3e-308, 1.7e308)) + many(60, lambda: random.uniform(0.5, 2)) + [5e-324, 1e-310, 1 + 2.0 ** -52, 1 - 2.0 ** -53]
LOG1P = many(60, lambda: log_uniform(1e-300, 1e300)) + many(60, lambda: sign() * log_uniform(1e-18, 0.9)) + [-1 + 2.0 ** -53, -0.999]
TANH = many(80, lambda: sign() * log_uniform(1e-10, 25)) + many(60, lambda: random.uniform(-3, 3)) + [0.625, 0.6249999, 19.5]
ANGLE = many(60, lambda: random.uniform(-100, 100)) + many(60, lambda: sign() * log_uniform(1e-10, 1e300)) + [
    float(mp.nint(2 ** k * mp.pi / 2)) for k in range(1, 40, 4)] + [float(k * mp.pi / 2) for k in range(1, 24)] + [0.78539816339744828]
ERF = many(80, lambda: random.uniform(-6, 6)) + many(40, lambda: sign() * log_uniform(1e-10, 1)) + [0.46875, 4.0]
ERFC = many(100, lambda: random.uniform(-6, 26.5)) + [0.46875, 4.0, 26.0]
POSITIVE = many(100, lambda: log_uniform(2.3e-308, 1.7e308))
POW = [(x, random.uniform(-700, 700) / max(abs(math.log(x)), 1)) for x in many(100, lambda: log_uniform(1e-300, 1e300))]
POW += [(x, random.uniform(-1e4, 1e4)) for x in many(60, lambda: random.uniform(0.95, 1.05))]
POW += [(-x, float(random.randint(-40, 40))) for x in many(40, lambda: log_uniform(1e-6, 1e6))]
SOFTPLUS = many(60, lambda: random.uniform(-700, 100)) + many(80, lambda: random.uniform(-6, 6)) + [0.0, 709.78, -708.4, 1e300]

FUNCTIONS = {
    "Exp": (mp.exp, EXP),
    "Log": (mp.log, LOG),
    "Log1P": (mp.log1p, LOG1P),
    "Tanh": (mp.tanh, TANH),
    "Sin": (mp.sin, ANGLE),
    "Cos": (mp.cos, ANGLE),
    "Erf": (mp.erf, ERF),
    "Erfc": (mp.erfc, ERFC),
    "Rsqrt": (lambda x: 1 / mp.sqrt(x), POSITIVE),
    "Rcp": (lambda x: 1 / x, [x for x in POSITIVE if x < 4e307]),
    "Pow": (mp.power, POW),
    "Softplus": (lambda x: mp.log1p(mp.exp(x)), SOFTPLUS),
}

table = {}
for name, (function, arguments) in FUNCTIONS.items():
    rows = []
    for argument in arguments:
        xs = argument if isinstance(argument, tuple) else (argument,)
        value = function(*map(mpf, xs))
        high = nearest(value)
        rows.append([bits(x) for x in xs] + [bits(high), bits(float(value - mpf(high)))])
    table[name] = rows
print("{\n" + ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in table.items()) + "\n}")
