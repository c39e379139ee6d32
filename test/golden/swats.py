"""Writes swats.json: SWATS in float64, written from the paper (Keskar and Socher 2017, arXiv 1712.07628, algorithm 1).

Format: see README.md. Decided where the paper is silent: a rate that is not positive never switches; a schedule scales the
learnt rate by at(t) / at(switchStep), where t counts the steps taken before. The weight decay is coupled: its gradient is in the
moments and in the projection.
"""
import json
import math
import pathlib

import numpy as np

CURVATURES = [[1.0, 0.3, 10.0], [0.05, 2.0, 0.7, 0.1, 4.0]]
DEFAULTS = {'lr': 1e-3, 'betas': [0.9, 0.999], 'eps': 1e-9, 'weightDecay': 0, 'switchTolerance': 1e-9, 'minSwitchStep': 2}
SIZES = [len(c) for c in CURVATURES]
A = [[1.5, -0.75, 0.3], [2.0, -1.0, 0.4, -2.5, 0.9]]
B = [[-0.37, -2.37, -0.43], [-3.19, -0.03, 3.07, -0.13, -0.78]]

CASES = [
    ('switches', A, 120, {'lr': 0.03, 'betas': [0.9, 0.9], 'switchTolerance': 4e-4}),
    ('switches with weight decay', A, 120, {'lr': 0.05, 'weightDecay': 0.1, 'switchTolerance': 1e-3}),
    ('refuses a negative rate, switches later', B, 100,
     {'lr': 0.2, 'betas': [0.95, 0.9], 'switchTolerance': 1.75e-3}),
    ('switches under a schedule', A, 170,
     {'lr': ['exponential', 0.05, {'factor': 0.99}], 'betas': [0.9, 0.99], 'switchTolerance': 3e-4}),
    ('does not switch at step 1', A, 30, {'lr': 0.05, 'switchTolerance': 1000}),
    ('does not switch before minSwitchStep', A, 60, {'lr': 0.03, 'switchTolerance': 1000, 'minSwitchStep': 20}),
    ('never switches', A, 60, {'lr': 0.03}),
]


def schedule(lr):
    if isinstance(lr, list):
        _, base, options = lr
        return lambda t: base * options['factor'] ** t
    return lambda t: lr


def swats(values, steps, options):
    o = {**DEFAULTS, **options}
    at = schedule(o['lr'])
    beta1, beta2 = o['betas']
    w, c = (np.array(sum(parts, []), dtype=np.float64) for parts in (values, CURVATURES))
    m, a, v, average = np.zeros_like(w), np.zeros_like(w), np.zeros_like(w), 0.0
    history, differences, refused, switch_step, learnt = [], [], [], None, None
    for k in range(1, steps + 1):
        g = c * w + o['weightDecay'] * w
        if switch_step is not None:
            v = beta1 * v + g
            w = w - (1 - beta1) * (learnt * at(k - 1) / at(switch_step)) * v
            history.append(w)
            continue
        m = beta1 * m + (1 - beta1) * g
        a = beta2 * a + (1 - beta2) * g * g
        p = -at(k - 1) * math.sqrt(1 - beta2 ** k) / (1 - beta1 ** k) * m / (np.sqrt(a) + o['eps'])
        w = w + p
        history.append(w)
        if p @ g == 0:
            continue
        gamma = (p @ p) / -(p @ g)
        average = beta2 * average + (1 - beta2) * gamma
        corrected = average / (1 - beta2 ** k)
        if k < o['minSwitchStep']:
            continue
        differences.append(abs(corrected - gamma))
        if differences[-1] < o['switchTolerance']:
            if corrected > 0:
                switch_step, learnt = k, corrected
            else:
                refused.append(k)
    return {'history': history, 'differences': differences, 'refusedSteps': refused, 'switchStep': switch_step, 'sgdLr': learnt}


def check_robust(values, steps, options, result):
    """No decision may hang on rounding, which is not the same everywhere."""
    tolerance = options.get('switchTolerance', DEFAULTS['switchTolerance'])
    assert all(abs(d - tolerance) > 0.05 * tolerance for d in result['differences'])
    for change in (1 - 1e-9, 1 + 1e-9):
        other = swats([[x * change for x in part] for part in values], steps, options)
        assert (other['switchStep'], other['refusedSteps']) == (result['switchStep'], result['refusedSteps'])


def row(name, values, steps, options):
    result = swats(values, steps, options)
    check_robust(values, steps, options, result)
    switch = result['switchStep']
    kept = {1, 2, 10, steps} | ({switch, switch + 1, switch + 2, switch + 20} if switch else set())
    split = {k: [part.tolist() for part in np.split(result['history'][k - 1], SIZES[:-1])] for k in sorted(kept)}
    print(f"{name}: switch {switch}, rate {result['sgdLr']}, refused {result['refusedSteps']}")
    return {'name': name, 'options': options, 'values': values, 'switchStep': switch, 'sgdLr': result['sgdLr'],
            'refusedSteps': result['refusedSteps'], 'steps': split}


ROWS = ',\n'.join(json.dumps(row(*case), separators=(',', ':'), allow_nan=False) for case in CASES)
pathlib.Path(__file__).with_suffix('.json').write_text(
    f'{{"curvatures":{json.dumps(CURVATURES)},"cases":[\n{ROWS}\n]}}\n')
