"""Computes the coefficients in this folder: python3 minimax.py [name...], with mpmath.

Remez's algorithm: the polynomial, or quotient of two, whose largest weighted error is least. Prints the degree, the
error as a power of 2, and the coefficients rounded to nearest, the constant one first.
"""

import sys

from mpmath import asin, atan, atanh, cos, erf, erfc, exp, floor, frexp, log, lu_solve, matrix, mp, mpf, nint, pi, sin, sqrt

mp.prec = 260
POINTS = 60  # of the grid, for each coefficient


def extrema(errors, count):
    """The indices of the largest errors of alternating sign."""
    found = []
    for i, error in enumerate(errors):
        if found and (error > 0) == (errors[found[-1]] > 0):
            if abs(error) > abs(errors[found[-1]]):
                found[-1] = i
        else:
            found.append(i)
    while len(found) > count:
        found.pop(0 if abs(errors[found[0]]) < abs(errors[found[-1]]) else -1)
    if len(found) < count:
        raise ArithmeticError("no alternation")
    return found


def polynomial(f, low, high, degree, weight):
    n = degree + 1
    middle, half = (mpf(low) + high) / 2, (mpf(high) - low) / 2
    grid = [middle - half * cos(pi * i / (POINTS * n)) for i in range(POINTS * n + 1)]
    values, weights = [f(x) for x in grid], [weight(x) for x in grid]
    chosen = [POINTS * i * n // n for i in range(n + 1)]
    while True:
        rows, right = matrix(n + 1, n + 1), matrix(n + 1, 1)
        for r, k in enumerate(chosen):
            u = (grid[k] - middle) / half
            for j in range(n):
                rows[r, j] = u**j * weights[k]
            rows[r, n] = (-1) ** r
            right[r] = values[k] * weights[k]
        solution = lu_solve(rows, right)
        scaled = [solution[j] for j in range(n)]
        errors = []
        for x, value, w in zip(grid, values, weights):
            total = mpf(0)
            for c in reversed(scaled):
                total = total * (x - middle) / half + c
            errors.append((total - value) * w)
        largest = max(abs(error) for error in errors)
        if largest < 1.01 * abs(solution[n]):
            break
        chosen = extrema(errors, n + 1)
    coefficients = [mpf(0)]
    for c in reversed(scaled):
        shifted = [mpf(0)] + [k / half for k in coefficients]
        for j, k in enumerate(coefficients):
            shifted[j] -= k * middle / half
        shifted[0] += c
        coefficients = shifted
    return coefficients[:n], largest


def quotient(f, grid, p, q, weight):
    """N / D of degrees p and q with D monic."""
    n = p + 1 + q
    values, weights = [f(x) for x in grid], [weight(x) for x in grid]
    chosen = [(len(grid) - 1) * i // n for i in range(n + 1)]
    upper, lower = [mpf(1)], [mpf(1)]
    evaluate = lambda c, x: sum(k * x**j for j, k in enumerate(c))
    while True:
        for _ in range(6):  # the error times D is linearised in D
            rows, right = matrix(n + 1, n + 1), matrix(n + 1, 1)
            for r, k in enumerate(chosen):
                x, y = grid[k], values[k]
                for j in range(p + 1):
                    rows[r, j] = x**j
                for j in range(q):
                    rows[r, p + 1 + j] = -y * x**j
                rows[r, n] = -((-1) ** r) * evaluate(lower, x) / weights[k]
                right[r] = y * x**q
            solution = lu_solve(rows, right)
            upper = [solution[j] for j in range(p + 1)]
            lower = [solution[p + 1 + j] for j in range(q)] + [mpf(1)]
        errors = [(evaluate(upper, x) / evaluate(lower, x) - y) * w for x, y, w in zip(grid, values, weights)]
        largest = max(abs(error) for error in errors)
        if largest < 1.02 * abs(solution[n]):
            return upper, lower, largest
        chosen = extrema(errors, n + 1)


def show(coefficients, bits):
    words = []
    for c in coefficients:
        mantissa, exponent = frexp(c)
        rounded = float(nint(mantissa * mpf(2) ** bits) * mpf(2) ** (int(exponent) - bits))
        words.append(float.hex(rounded))
    return "  {" + ", ".join(words) + "}"


LN2_2 = log(2) / 2
ROOT = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2
HALF_PI_2 = (pi / 4 * mpf("1.02")) ** 2
tail = lambda a: exp(a * a / 2) * erfc(a / sqrt(2)) / 2
one = lambda x: mpf(1)
near0 = lambda x, bits: abs(x) < mpf(2) ** -bits


def exp_rest(r):
    return mpf(1) / 2 + r / 6 if near0(r, 40) else (exp(r) - 1 - r) / r**2


def log_rest(z):
    return mpf(2) / 3 + z * 2 / 5 if near0(z, 60) else (2 * atanh(sqrt(z)) / sqrt(z) - 2) / z


def erf_rest(z):
    return 2 / sqrt(pi) - 1 if near0(z, 80) else erf(sqrt(z)) / sqrt(z) - 1


def sin_rest(z):
    return -mpf(1) / 6 + z / 120 if near0(z, 60) else (sin(sqrt(z)) / sqrt(z) - 1) / z


def cos_rest(z):
    return mpf(1) / 24 - z / 720 if near0(z, 40) else (cos(sqrt(z)) - 1 + z / 2) / z**2


def atan_rest(z):
    return -mpf(1) / 3 + z / 5 if near0(z, 60) else (atan(sqrt(z)) / sqrt(z) - 1) / z


def asin_rest(z):
    return mpf(1) / 6 + z * 3 / 40 if near0(z, 60) else (asin(sqrt(z)) / sqrt(z) - 1) / z


def tail_of_t(t):
    a = 3 * (1 + t) / (1 - t)
    return (a + 3) * tail(a) / 6


# name: function, interval, weight, {bits: degree}
POLYNOMIALS = {
    "exp.h kP": (exp_rest, -LN2_2 * mpf("1.001"), LN2_2 * mpf("1.001"), one, {24: 5, 53: 10}),
    "exp.h kShortP": (exp_rest, -LN2_2 * mpf("1.001"), LN2_2 * mpf("1.001"), lambda r: r * r * exp(-r), {24: 4}),
    "exp.h kQuickExp": (exp, -LN2_2 * mpf("1.0001"), LN2_2 * mpf("1.0001"), lambda r: exp(-r), {53: 6}),
    "log.h kR": (log_rest, 0, ROOT * mpf("1.001"), one, {24: 3, 53: 7}),
    "erf.h kP": (erf_rest, 0, 1, one, {24: 6, 53: 12}),
    "erf.h kL": (lambda a: log(erfc(a)), mpf("0.75"), 4, erfc, {53: 7}),
    "erf.h kQ0, kQ": (tail_of_t, -1, mpf(36) / 42, lambda t: 1 / tail_of_t(t), {53: 24}),
    "trigonometry.h kS": (sin_rest, 0, HALF_PI_2, one, {24: 3, 53: 6}),
    "inverse.h kAtan": (atan_rest, 0, 1, one, {53: 21}),
    "inverse.h kShortAsin": (asin_rest, 0, mpf(1) / 4, one, {53: 9}),
    "trigonometry.h kC": (cos_rest, 0, HALF_PI_2, one, {24: 3, 53: 5}),
}

if __name__ == "__main__":
    wanted = lambda name: len(sys.argv) == 1 or any(word in name for word in sys.argv[1:])
    for name, (f, low, high, weight, degrees) in POLYNOMIALS.items():
        if not wanted(name):
            continue
        for bits, degree in degrees.items():
            coefficients, error = polynomial(f, low, high, degree, weight)
            print(f"{name}, {bits} bits: degree {degree}, error 2^{float(log(error, 2)):.2f}")
            print(show(coefficients, bits), flush=True)
    if wanted("erf.h kN, kD"):
        top = (mpf("14.8") - 3) / (mpf("14.8") + 3)
        ts = [-1 + (1 + top) * (1 - cos(pi * i / 600)) / 2 for i in range(601)]
        beyond = lambda a: 1 / tail(a) - sqrt(2 * pi) * a
        upper, lower, error = quotient(beyond, [3 * (1 + t) / (1 - t) for t in ts], 4, 4, tail)
        print(f"erf.h kN, kD: error 2^{float(log(error, 2)):.2f}")
        print(show(upper, 24))
        print(show(lower, 24))
    if wanted("trigonometry.h kTwoOverPiWords"):
        mp.prec = 1400
        bits = int(floor(2 / pi * mpf(2) ** 1216))
        print("trigonometry.h kTwoOverPiWords, after two words of 0")
        print("  {" + ", ".join(f"0x{bits >> 1184 - 32 * i & 0xFFFFFFFF:08x}" for i in range(38)) + "}")
