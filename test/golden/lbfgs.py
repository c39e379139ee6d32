"""Writes lbfgs.json: the iterates of torch.optim.LBFGS in float64.

Format: see README.md.
"""
import json
import pathlib

import numpy as np
import torch

STEPS = 20
NAMES = {'maxIter': 'max_iter', 'maxEval': 'max_eval', 'historySize': 'history_size', 'lineSearchFn': 'line_search_fn',
         'toleranceGrad': 'tolerance_grad', 'toleranceChange': 'tolerance_change'}

random = np.random.default_rng(20171222)
X = random.normal(size=(30, 4))
Y = (X @ random.normal(size=4) + random.normal(size=30) > 0).astype(float)


def rosenbrock(parameters):
    x, y = parameters
    return (1 - x[0]) ** 2 + 100 * (y[0] - x[0] ** 2) ** 2


def logistic(parameters):
    weight, bias = parameters
    z = torch.tensor(X) @ weight + bias
    penalty = 0.005 * (weight * weight).sum()
    return torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor(Y)) + penalty


PROBLEMS = {
    'rosenbrock': (rosenbrock, [[-1.2], [1.0]], [
        {'lineSearchFn': 'strong_wolfe', 'maxIter': 2},
        {'lineSearchFn': 'strong_wolfe', 'maxIter': 3, 'historySize': 2, 'lr': 0.5},
        {'maxIter': 1, 'lr': 0.1},
    ]),
    'logistic': (logistic, [[0.0] * 4, [0.5]], [
        {},
        {'maxIter': 1},
        {'maxIter': 2, 'historySize': 3, 'lr': 0.8},
        {'lineSearchFn': 'strong_wolfe', 'maxIter': 1},
        {'lineSearchFn': 'strong_wolfe', 'maxIter': 4, 'maxEval': 3, 'historySize': 3, 'toleranceGrad': 1e-12},
    ]),
}


def run(loss, first, options):
    parameters = [torch.nn.Parameter(torch.tensor(v, dtype=torch.float64)) for v in first]
    optimizer = torch.optim.LBFGS(parameters, **{NAMES.get(name, name): value for name, value in options.items()})
    calls = 0

    def closure():
        nonlocal calls
        calls += 1
        optimizer.zero_grad()
        result = loss(parameters)
        result.backward()
        return result

    steps = []
    for _ in range(STEPS):
        found = optimizer.step(closure).item()
        steps.append({'loss': found, 'values': [p.detach().tolist() for p in parameters], 'calls': calls})
    return steps


torch.set_num_threads(1)
cases = [{'problem': name, 'values': first, 'options': options, 'steps': run(loss, first, options)}
         for name, (loss, first, grid) in PROBLEMS.items() for options in grid]
text = ',\n'.join(json.dumps(case, separators=(',', ':'), allow_nan=False) for case in cases)
data = json.dumps({'x': X.tolist(), 'y': Y.tolist()}, separators=(',', ':'))
pathlib.Path(__file__).with_suffix('.json').write_text(
    f'{{"torch":"{torch.__version__}","data":{data},"cases":[\n{text}\n]}}\n')
for case in cases:
    print(case['problem'], case['options'], [round(s['loss'], 6) for s in case['steps']][-3:], case['steps'][-1]['calls'])
