"""Writes images/: small PNG, JPEG and PNM pictures of every kind, and images.json: their pixels as Pillow reads them.

    python3 Tests/Fixtures/make_image_fixtures.py

Needs Pillow, numpy and torchvision (for its Resize and CenterCrop). The PNG files are encoded here, for no library writes every depth, filter and interlacing; what is
expected of them is what Pillow decodes (red, green, blue; transparency left out), but for 16-bit grey, which Pillow cannot
turn into colours: there it is the upper 8 bits.
"""
import io
import json
import math
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image
from torchvision.transforms import CenterCrop, Resize

FOLDER = pathlib.Path(__file__).parent / "images"
WIDTH, HEIGHT = 11, 9
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def filtered(kind, row, above, back):
    out = bytearray([kind])
    for i, value in enumerate(row):
        a, b, c = (row[i - back] if i >= back else 0), above[i], (above[i - back] if i >= back else 0)
        out.append((value - [0, a, b, (a + b) // 2, paeth(a, b, c)][kind]) & 255)
    return bytes(out)


def packed(values, depth):
    if depth == 16:
        return b"".join(struct.pack(">H", v) for v in values)
    if depth == 8:
        return bytes(values)
    bits = "".join(format(v, f"0{depth}b") for v in values)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def png(name, colour, depth, interlaced=False, parts=1):
    samples = SAMPLES[colour]
    most = (1 << depth) - 1 if colour != 3 else min((1 << depth) - 1, 11)
    values = np.array([int(most * (0.5 + 0.5 * math.sin(1.7 * k + 0.3))) for k in range(WIDTH * HEIGHT * samples)])
    values = values.reshape(HEIGHT, WIDTH, samples)
    raw, kind = b"", 0
    for x0, y0, dx, dy in PASSES if interlaced else [(0, 0, 1, 1)]:
        part = values[y0::dy, x0::dx]
        if part.size == 0:
            continue
        above = bytes(len(packed(part[0].flatten().tolist(), depth)))
        for line in part:
            row = packed(line.flatten().tolist(), depth)
            raw += filtered(kind % 5, row, above, max(1, samples * depth // 8))
            above, kind = row, kind + 1
    data = zlib.compress(raw)
    size = -(-len(data) // parts)
    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, colour, 0, 0, int(interlaced)))
    file += chunk(b"tEXt", b"Comment\0made by a script")
    if colour == 3:
        file += chunk(b"PLTE", bytes((37 * i * (c + 1) + 11 * c) % 256 for i in range(most + 1) for c in range(3)))
        file += chunk(b"tRNS", b"\x00\x80")
    file += b"".join(chunk(b"IDAT", data[i:i + size]) for i in range(0, len(data), size)) + chunk(b"IEND", b"")
    (FOLDER / name).write_bytes(file)
    if colour in (0, 4) and depth == 16:
        return np.repeat(values[:, :, :1] >> 8, 3, axis=2).astype(np.uint8)
    return None


def jpeg_with_restarts(name, interval):
    """A grey JPEG with restart markers, which Pillow cannot write; tables and header are those of one that it wrote."""
    size = 40, 24
    grey = np.array([[int(127 + 100 * math.sin(0.3 * x + 0.02 * x * y)) for x in range(size[0])] for y in range(size[1])], np.uint8)
    model = io.BytesIO()
    Image.fromarray(grey).save(model, "JPEG", quality=80)
    data, at, codes, head = model.getvalue(), 2, {}, b""
    while data[at + 1] != 0xDA:
        length = struct.unpack(">H", data[at + 2:at + 4])[0]
        segment = data[at:at + 2 + length]
        if data[at + 1] == 0xDB:
            quantization = list(segment[5:69])
        if data[at + 1] == 0xC4:
            body = segment[4:]
            while body:
                code, values, table = 0, list(body[17:17 + sum(body[1:17])]), {}
                for bits in range(16):
                    for _ in range(body[1 + bits]):
                        table[values.pop(0)] = format(code, f"0{bits + 1}b")
                        code += 1
                    code <<= 1
                codes[body[0]] = table
                body = body[17 + sum(body[1:17]):]
        head += segment
        at += 2 + length
    scan = data[at:at + 2 + struct.unpack(">H", data[at + 2:at + 4])[0]]
    zigzag = sorted(range(64), key=lambda i: (i // 8 + i % 8, (i // 8 if (i // 8 + i % 8) % 2 else i % 8)))
    cosines = np.array([[math.sqrt((1 if u == 0 else 2) / 8) * math.cos((2 * x + 1) * u * math.pi / 16) for x in range(8)] for u in range(8)])

    def number(value):
        size = abs(value).bit_length()
        return size, format(value if value > 0 else value + (1 << size) - 1, f"0{size}b") if size else ""

    body, bits, last, done = b"", "", 0, 0

    def flush():
        padded = bits + "1" * (-len(bits) % 8)
        return bytes(int(padded[i:i + 8], 2) for i in range(0, len(padded), 8)).replace(b"\xff", b"\xff\0")

    for y in range(0, size[1], 8):
        for x in range(0, size[0], 8):
            if done and done % interval == 0:
                body += flush() + bytes([0xFF, 0xD0 + (done // interval - 1) % 8])
                bits, last = "", 0
            done += 1
            block = cosines @ (grey[y:y + 8, x:x + 8].astype(float) - 128) @ cosines.T
            values = [round(block[i // 8, i % 8] / quantization[k]) for k, i in enumerate(zigzag)]
            length, text = number(values[0] - last)
            bits, last, zeros = bits + codes[0][length] + text, values[0], 0
            for value in values[1:max([k for k in range(64) if values[k]] + [0]) + 1]:
                if value == 0:
                    zeros += 1
                    continue
                while zeros > 15:
                    bits, zeros = bits + codes[16][0xF0], zeros - 16
                length, text = number(value)
                bits, zeros = bits + codes[16][zeros * 16 + length] + text, 0
            if values[63] == 0:
                bits += codes[16][0]
    restart = b"\xff\xdd\0\4" + struct.pack(">H", interval)
    (FOLDER / name).write_bytes(b"\xff\xd8" + head + restart + scan + body + flush() + b"\xff\xd9")
    got = np.asarray(Image.open(FOLDER / name)).astype(int)
    assert abs(got - grey).mean() < 4, "the encoder above is wrong"


expected = {}


def expect(name, pixels=None):
    if pixels is None:
        pixels = np.asarray(Image.open(FOLDER / name).convert("RGB"))
    expected[name] = {"height": pixels.shape[0], "width": pixels.shape[1], "rgb": pixels.tobytes().hex()}


FOLDER.mkdir(exist_ok=True)
for colour, depths in {0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]}.items():
    for depth in depths:
        for interlaced in [False, True]:
            name = f"colour{colour}_depth{depth}{'_interlaced' if interlaced else ''}.png"
            expect(name, png(name, colour, depth, interlaced, parts=3 if depth == 8 else 1))
picture = (np.arange(5 * 4 * 3).reshape(4, 5, 3) * 4 % 256).astype(np.uint8)
Image.fromarray(picture).save(FOLDER / "pillow.png")
Image.fromarray(picture).save(FOLDER / "colour.ppm")
Image.fromarray(picture[:, :, 0]).save(FOLDER / "grey.pgm")
(FOLDER / "text.ppm").write_text("P3 # a remark\n2 1 # another\n255\n1 2 3\n250 251 255\n")
(FOLDER / "text.pgm").write_text("P2\n3 1\n15\n0 7 15")
for name in ["pillow.png", "colour.ppm", "grey.pgm"]:
    expect(name)
expect("text.ppm", np.array([[[1, 2, 3], [250, 251, 255]]], np.uint8))
expect("text.pgm", np.array([[[0] * 3, [119] * 3, [255] * 3]], np.uint8))
# Curves with sharp edges, so that every frequency and the smoothing of colours show.
for name, width, height, options in [
        ("full.jpg", 37, 29, {"quality": 90, "subsampling": 0}), ("wide.jpg", 37, 29, {"quality": 75, "subsampling": 1}),
        ("half.jpg", 37, 29, {"quality": 75, "subsampling": 2}), ("best.jpg", 17, 9, {"quality": 100, "subsampling": 2}),
        ("progressive.jpg", 45, 35, {"quality": 60, "progressive": True}), ("narrow.jpg", 3, 21, {"subsampling": 2}),
        ("progressive_full.jpg", 16, 24, {"quality": 95, "subsampling": 0, "progressive": True}), ("one.jpg", 1, 1, {}),
        ("grey.jpg", 21, 13, {"quality": 70}), ("progressive_grey.jpg", 21, 13, {"quality": 70, "progressive": True})]:
    waves = np.array([[[int(127 + 120 * math.sin(0.4 * x * (c + 1) + 0.03 * x * y + c)) // (1 + (x * y > 300) * c) for c in range(3)]
                       for x in range(width)] for y in range(height)], np.uint8)
    Image.fromarray(waves[:, :, 0] if "grey" in name else waves).save(FOLDER / name, **options)
    expect(name)
jpeg_with_restarts("restarts.jpg", 2)
expect("restarts.jpg")
Image.fromarray(picture).convert("CMYK").save(FOLDER / "refused_cmyk.jpg")
Image.fromarray(picture[:, :, 0] % 8 < 4).convert("1").save(FOLDER / "bits.pbm")
(FOLDER / "text.pbm").write_text("P1 # a remark\n9 2\n1 0 1 0 1 0 1 0 1\n000111000\n")
expect("bits.pbm")
expect("text.pbm")

# What torchvision's Resize and CenterCrop make of pictures: Pillow's antialiased triangle, to the bit.
expected["resized"] = []
for width, height, channels, side in [(11, 9, 3, 4), (9, 31, 1, 5), (40, 23, 3, 7), (5, 4, 3, 13), (3, 8, 1, 8), (16, 16, 3, 16), (1, 50, 1, 6), (37, 19, 3, 19)]:
    source = np.array([int(255 * (0.5 + 0.5 * math.sin(1.7 * k + 0.003 * k * k))) for k in range(width * height * channels)], np.uint8)
    source = source.reshape([height, width, channels][:3 if channels == 3 else 2])
    square = CenterCrop(side)(Resize(side)(Image.fromarray(source)))
    expected["resized"].append({
        "width": width, "height": height, "channels": channels, "side": side,
        "pixels": source.tobytes().hex(), "square": np.asarray(square).tobytes().hex()})
(FOLDER.parent / "images.json").write_text(json.dumps(expected, indent=1) + "\n")
