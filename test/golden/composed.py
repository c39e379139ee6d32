"""Writes composed.json: optimizers that take several passes, in float64 from their papers' formulas and PyTorch's documentation.

Format: see README.md.
"""
import json
import pathlib

import numpy as np

STEPS = 12
KEPT_STEPS = [1, 2, 3, 12]


def adam_direction(state, g, step, beta1, beta2, eps, corrects):
    state['m'] = beta1 * state.get('m', 0) + (1 - beta1) * g
    state['v'] = beta2 * state.get('v', 0) + (1 - beta2) * g * g
    m, v = state['m'], state['v']
    if corrects:
        m, v = m / (1 - beta1 ** step), v / (1 - beta2 ** step)
    return m / (np.sqrt(v) + eps)


def lamb(p, g, state, step, lr=1e-3, betas=(0.9, 0.999), eps=1e-6, weightDecay=0, biasCorrection=True, excludeVectors=False):
    excluded = excludeVectors and p.ndim <= 1
    r = adam_direction(state, g, step, *betas, eps, biasCorrection) + (0 if excluded else weightDecay) * p
    weight, direction = np.linalg.norm(p), np.linalg.norm(r)
    trust = 1 if excluded or weight == 0 or direction == 0 else weight / direction
    return p - lr * trust * r


def lars(p, g, state, step, lr=1e-3, momentum=0.9, trustCoefficient=1e-3, eps=1e-8, weightDecay=0, excludeVectors=True):
    excluded = excludeVectors and p.ndim <= 1
    decay = 0 if excluded else weightDecay
    weight, gradient = np.linalg.norm(p), np.linalg.norm(g)
    fixed = excluded or weight == 0 or gradient == 0
    trust = 1 if fixed else trustCoefficient * weight / (gradient + decay * weight + eps)
    state['v'] = momentum * state.get('v', 0) + lr * trust * (g + decay * p)
    return p - state['v']


def muon(p, g, state, step, lr=1e-3, weightDecay=0.1, momentum=0.95, nesterov=True,
         nsCoefficients=(3.4445, -4.775, 2.0315), eps=1e-7, nsSteps=5, adjustLrFn=None):
    # torch.optim.Muon of 2.9, but in float64 where that rounds to bfloat16.
    state['b'] = buffer = state.get('b', np.zeros_like(p)) + (1 - momentum) * (g - state.get('b', 0))
    x = g + momentum * (buffer - g) if nesterov else buffer
    a, b, c = nsCoefficients
    rows, columns = p.shape
    x = x.T if rows > columns else x
    x = x / max(np.linalg.norm(x), eps)
    for _ in range(nsSteps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    x = x.T if rows > columns else x
    ratio = 0.2 * np.sqrt(max(rows, columns)) if adjustLrFn == 'match_rms_adamw' else np.sqrt(max(1, rows / columns))
    return p * (1 - lr * weightDecay) - lr * ratio * x


def rms(x):
    return np.sqrt(np.mean(x * x))


def adafactor(p, g, state, step, lr=1e-2, beta2Decay=-0.8, eps=(None, 1e-3), d=1, weightDecay=0, maximize=False):
    # torch.optim.Adafactor of 2.5.
    g = -g if maximize else g
    eps1 = np.finfo(np.float64).eps if eps[0] is None else eps[0]
    rest = step ** beta2Decay
    alpha = max(eps[1], rms(p)) * min(lr, 1 / np.sqrt(step))
    p = p * (1 - lr * weightDecay)
    if p.ndim > 1:
        state['row'] = state.get('row', 0) * (1 - rest) + rest * np.mean(g * g, axis=-1, keepdims=True)
        state['column'] = state.get('column', 0) * (1 - rest) + rest * np.mean(g * g, axis=-2, keepdims=True)
        v = state['row'] @ state['column'] / np.maximum(np.mean(state['row'], axis=-2, keepdims=True), eps1)
    else:
        state['v'] = v = state.get('v', 0) * (1 - rest) + rest * g * g
    u = g / np.sqrt(np.maximum(v, eps1 * eps1))
    return p - alpha / max(1, rms(u) / d) * u


def shampoo(p, g, state, step, lr=0.1, momentum=0, eps=1e-4, preconditionFrequency=10, maxPreconditionDim=1024, weightDecay=0,
            maximize=False):
    g = (-g if maximize else g) + weightDecay * p
    matrix = g.reshape(g.shape[0], -1)
    sides = [n <= maxPreconditionDim and g.ndim > 1 for n in matrix.shape]
    u = matrix
    for side in (0, 1):
        if not sides[side]:
            continue
        part = matrix if side == 0 else matrix.T
        state[side] = state.get(side, eps * np.eye(len(part))) + part @ part.T
        if (step - 1) % preconditionFrequency == 0:
            values, vectors = np.linalg.eigh(state[side])
            state['root', side] = vectors @ np.diag(values ** (-1 / (2 * sum(sides)))) @ vectors.T
        u = state['root', 0] @ u if side == 0 else u @ state['root', 1]
    if not any(sides):
        state['sum'] = state.get('sum', 0) + matrix * matrix
        u = matrix / (np.sqrt(state['sum']) + eps)
    state['v'] = momentum * state.get('v', 0) + u.reshape(p.shape)
    return p - lr * state['v']


def soap(p, g, state, step, lr=3e-3, betas=(0.95, 0.95), eps=1e-8, weightDecay=0.01, preconditionFrequency=10,
         maxPreconditionDim=1024):
    # Vyas et al. 2024, algorithm 3, with the corrections of Adam and a decay beside the step. As the authors' code sorts the vectors
    # of a basis by their eigenvalues. Unlike there: a first step, in bases that are the identity; eps beside the corrected root;
    # a decay of the weights before the step; two bases, whatever the dimensions; float64.
    beta1, beta2 = betas
    matrix = g.reshape(g.shape[0], -1)
    sides = [n <= maxPreconditionDim and g.ndim > 1 for n in matrix.shape]
    left, right = (state.get(('basis', side), np.eye(n)) for side, n in enumerate(matrix.shape))
    state['m'] = beta1 * state.get('m', 0) + (1 - beta1) * matrix
    state['v'] = beta2 * state.get('v', 0) + (1 - beta2) * (left.T @ matrix @ right) ** 2
    mean = left.T @ state['m'] @ right / (1 - beta1 ** step)
    u = left @ (mean / (np.sqrt(state['v'] / (1 - beta2 ** step)) + eps)) @ right.T
    for side, basis in enumerate((left, right)):
        if not sides[side]:
            continue
        part = matrix if side == 0 else matrix.T
        state[side] = beta2 * state.get(side, 0) + (1 - beta2) * part @ part.T
        if step % preconditionFrequency == 0:
            # V is indexed by the vectors of both bases.
            order = np.argsort(-np.diag(basis.T @ state[side] @ basis), kind='stable')
            state['v'] = np.take(state['v'], order, axis=side)
            state['basis', side] = np.linalg.qr(state[side] @ basis[:, order])[0]
    return p - lr * (u.reshape(p.shape) + weightDecay * p)


MATRICES = [[3, 5], [6, 2], [4, 4]]
ANY = [[3, 5], [7], [1]]
CASES = {
    'LAMB': (lamb, ANY, [
        {}, {'weightDecay': 0.1}, {'biasCorrection': False, 'lr': 0.1}, {'betas': [0.8, 0.9], 'eps': 1e-3},
        {'excludeVectors': True, 'weightDecay': 0.1},
    ]),
    'LARS': (lars, ANY, [
        {}, {'lr': 1, 'weightDecay': 0.1}, {'momentum': 0.5, 'trustCoefficient': 0.1, 'eps': 0.1},
        {'lr': 1, 'weightDecay': 0.1, 'excludeVectors': False},
    ]),
    'Muon': (muon, MATRICES, [
        {}, {'lr': 0.1, 'nesterov': False}, {'momentum': 0.5, 'nsSteps': 2, 'weightDecay': 0},
        {'adjustLrFn': 'match_rms_adamw'}, {'adjustLrFn': 'original', 'nsCoefficients': [2, -1.5, 0.5], 'eps': 100},
    ]),
    'Adafactor': (adafactor, [[3, 5], [7], [2, 3, 4]], [
        {}, {'lr': 0.5, 'weightDecay': 0.1}, {'eps': [1e-2, 0.1], 'd': 1.5}, {'beta2Decay': -0.5, 'maximize': True},
    ]),
    'Shampoo': (shampoo, [[3, 5], [7], [4, 2, 3]], [
        {'preconditionFrequency': 1}, {'momentum': 0.9, 'weightDecay': 0.1, 'preconditionFrequency': 2},
        {'maxPreconditionDim': 4, 'eps': 0.1, 'maximize': True}, {'maxPreconditionDim': 1},
    ]),
    # The statistics have their full rank when the bases first turn: without it, rounding would choose vectors.
    'SOAP': (soap, [[3, 5], [7], [4, 2, 3]], [
        {'preconditionFrequency': 3, 'lr': 0.1}, {'betas': [0.8, 0.9], 'eps': 0.1, 'weightDecay': 0, 'preconditionFrequency': 5},
        {'maxPreconditionDim': 4, 'preconditionFrequency': 4, 'lr': 0.1}, {'maxPreconditionDim': 1},
    ]),
}


def run(formula, shapes, options):
    random = np.random.default_rng(20171222)
    values = [random.normal(size=shape) for shape in shapes]
    gradients = [[random.normal(size=shape) for shape in shapes] for _ in range(STEPS)]
    first = [v.ravel().tolist() for v in values]
    states = [{} for _ in shapes]
    kept = {}
    for step, row in enumerate(gradients, 1):
        values = [formula(p, g, state, step, **options) for p, g, state in zip(values, row, states)]
        if step in KEPT_STEPS:
            kept[step] = [v.ravel().tolist() for v in values]
    return {'values': first, 'gradients': [[g.ravel().tolist() for g in row] for row in gradients], 'steps': kept}


def line(row):
    return json.dumps(row, separators=(',', ':'), allow_nan=False)


lines = []
for name, (formula, shapes, grid) in CASES.items():
    runs = [run(formula, shapes, options) for options in grid]
    cases = [{'options': options, 'steps': one['steps']} for options, one in zip(grid, runs)]
    shared = {'values': runs[0]['values'], 'gradients': runs[0]['gradients']}
    lines.append(line({'optimizer': name, 'shapes': shapes, **shared, 'cases': cases}))
pathlib.Path(__file__).with_suffix('.json').write_text('[\n' + ',\n'.join(lines) + '\n]\n')
