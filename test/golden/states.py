"""Writes states.json: states in bfloat16 and in 8 bits, from numpy, by the values that codes stand for and the distance to them.

Format: see README.md. Random bits: the finaliser of MurmurHash3 (Austin Appleby, public domain), of key + 0x9e3779b9 place.
"""
import json
import pathlib

import numpy as np

BLOCK = 256
F = np.float32


def random16(key, state, count):
    mask = 0xFFFFFFFF
    found = []
    for place in range(count):
        h = (key + state // 2 * 0x6A09E667 + place * 0x9E3779B9) & mask
        h ^= h >> 16
        h = h * 0x85EBCA6B & mask
        h ^= h >> 13
        h = h * 0xC2B2AE35 & mask
        h ^= h >> 16
        found.append(h >> 16 * (state % 2) & 0xFFFF)
    return found


# Every magnitude that a code of a mean of squares, and of another state, stands for, in parts of the largest.
SQUARES = [0.0] + sorted(((1 + m / 16) * 2.0 ** e for e in range(-16, 0) for m in range(16)))[2:] + [1.0]
SIGNED = [float(F(c * c) * (F(1) / F(127 * 127))) for c in range(128)]
assert len(SQUARES) == 256


def between(table, x):
    """The code at or below x, and how far x is on the way to the next one."""
    code = int(np.searchsorted(table, x, side='right')) - 1
    if code == len(table) - 1:
        return code, 0.0
    return code, (x - table[code]) / (table[code + 1] - table[code])


def squares(ratio, random):
    code, part = between(SQUARES, float(ratio))
    if code == 0:
        return 1 if ratio > 0 else 0
    return code + (part + random / 65536 >= 1)


def signed(ratio, random):
    square = float(F(ratio) * F(127 * 127))
    code = int(np.floor(np.sqrt(square)))
    return code + ((random + 0.5) / 65536 < (square - code * code) / (2 * code + 1))


def int8(x, random, code_of, most):
    codes, scales = [], []
    for begin in range(0, len(x), BLOCK):
        block = x[begin:begin + BLOCK]
        largest = np.max(np.abs(block))
        scales.append(largest)
        inverse = F(1) / largest
        for value, word in zip(block, random[begin:]):
            code = most if abs(value) == largest else code_of(F(abs(value)) * inverse, word)
            codes.append(code | (128 if value < 0 else 0))
    return bytes(codes) + np.array(scales, '<f4').tobytes()


def bfloat16(x, random):
    found = []
    for value, word in zip(x, random):
        low, unit = float(value), 2.0 ** (np.frexp(abs(float(value)))[1] - 8)
        units = np.floor(abs(low) / unit)
        part = abs(low) / unit - units
        rounded = (units + (part + word / 65536 >= 1)) * unit * np.sign(low)
        found.append(int(F(rounded).view(np.uint32)) >> 16)
    return np.array(found, '<u2').tobytes()


def main():
    generator = np.random.default_rng(1)
    x = (generator.standard_normal(300) * 10.0 ** generator.uniform(-3, 1, 300)).astype(F)
    cases = []
    for key in (1, 0xDEADBEEF):
        for state in (0, 1, 2):
            random = random16(key, state, len(x))
            cases.append({'key': key, 'state': state, 'bfloat16': bfloat16(x, random).hex(),
                          'signed': int8(x, random, signed, 127).hex(),
                          'squares': int8(x * x, random, squares, 255).hex()})
    golden = {'values': [float(v) for v in x], 'cases': cases}
    path = pathlib.Path(__file__).with_suffix('.json')
    path.write_text(json.dumps(golden, separators=(',', ':')) + '\n')


main()
