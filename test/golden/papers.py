"""Writes papers.json: optimizers that PyTorch 1.13 does not have, in float64, written from their papers.

Format, values and gradients: those of optimizers.json (README.md). Where papers and their authors' code differ, or the paper is silent:
- AdaBelief: algorithm 2; amsgrad, fixedDecay and rectify are those of the authors' code (github.com/juntang-zhuang/Adabelief-Optimizer,
  2855178e, adabelief-pytorch 0.2.1), but that amsgrad counts where it rectifies as well. `papers.py <path of a package>` compares with it.
- ADOPT: algorithm 2; the limit at step t is (t - 1)^(1/4), counted from 1, as the authors' code has it.
- Adan: algorithm 1, with the corrections of the authors' code; betas are what is kept.
- AdEMAMix: algorithm 1 and equations 4 and 5 (the schedules of alpha and beta3).
- NAdam: as in PyTorch since 2.0; 1.13 multiplies the product of momenta once too often.
- Prodigy: algorithm 4. All of a step has the d from before it; the authors' code (github.com/konstmish/prodigy, 009a7156) has the new
  one beside eps. Its corrections of the rate and its safeguard for a warm-up are those of that code.
- Schedule-free: the authors' code (github.com/facebookresearch/schedule_free, 70785b53): no correction in the rate, weights by the largest
  rate so far. `papers.py <path of a clone>` compares with it.
- SophiaG: the authors' code; no estimate of the Hessian in between.
"""
import importlib.util
import json
import math
import pathlib
import sys
import unittest.mock

import numpy as np

FOLDER = pathlib.Path(__file__).parent
PROBLEM = json.loads((FOLDER / 'optimizers.json').read_text())
KEPT_STEPS = [1, 2, 3, 10, 20]


class State(dict):
    """Of one parameter: numbers that start at 0, and the steps taken."""

    def __missing__(self, key):
        return 0.0


def decayed(p, g, lr, o, decoupled):
    """The parameter and the gradient behind the weight decay."""
    wd = o.get('weightDecay', 0)
    return (p * (1 - lr * wd), g) if o.get('decoupledWeightDecay', decoupled) else (p, g + wd * p)


def lion(p, g, s, t, o):
    lr, (b1, b2) = o.get('lr', 1e-4), o.get('betas', (0.9, 0.99))
    p, g = decayed(p, g, lr, o, True)
    c = s['m'] * b1 + g * (1 - b1)
    s['m'] = s['m'] * b2 + g * (1 - b2)
    return p - lr * np.sign(c)


def adam(p, g, s, t, o):
    lr, (b1, b2), eps = o.get('lr', 1e-3), o.get('betas', (0.9, 0.999)), o.get('eps', 1e-8)
    p, g = decayed(p, g, lr, o, False)
    s['m'], s['v'] = b1 * s['m'] + (1 - b1) * g, b2 * s['v'] + (1 - b2) * g ** 2
    return p - lr * (s['m'] / (1 - b1 ** t)) / (np.sqrt(s['v'] / (1 - b2 ** t)) + eps)


def nadam(p, g, s, t, o):
    lr, (b1, b2), eps = o.get('lr', 2e-3), o.get('betas', (0.9, 0.999)), o.get('eps', 1e-8)
    p, g = decayed(p, g, lr, o, False)
    mu, after = (b1 * (1 - 0.5 * 0.96 ** (k * o.get('momentumDecay', 4e-3))) for k in (t, t + 1))
    s['product'] = (s['product'] or 1.0) * mu
    s['m'], s['v'] = b1 * s['m'] + (1 - b1) * g, b2 * s['v'] + (1 - b2) * g ** 2
    mean = after * s['m'] / (1 - s['product'] * after) + (1 - mu) * g / (1 - s['product'])
    return p - lr * mean / (np.sqrt(s['v'] / (1 - b2 ** t)) + eps)


def radam(p, g, s, t, o):
    lr, (b1, b2), eps = o.get('lr', 1e-3), o.get('betas', (0.9, 0.999)), o.get('eps', 1e-8)
    p, g = decayed(p, g, lr, o, False)
    s['m'], s['v'] = b1 * s['m'] + (1 - b1) * g, b2 * s['v'] + (1 - b2) * g ** 2
    return p - rectified(lr, s['m'] / (1 - b1 ** t), s['v'], b2, t, eps)


def rectified(lr, mean, v, b2, t, eps):
    limit = 2 / (1 - b2) - 1
    rho = limit - 2 * t * b2 ** t / (1 - b2 ** t)
    if rho <= 5:
        return lr * mean
    r = math.sqrt((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho))
    return lr * r * mean * math.sqrt(1 - b2 ** t) / (np.sqrt(v) + eps)


def adabelief(p, g, s, t, o):
    lr, (b1, b2), eps = o.get('lr', 1e-3), o.get('betas', (0.9, 0.999)), o.get('eps', 1e-16)
    p, g = decayed(p, g, 1 if o.get('fixedDecay') else lr, o, True)
    s['m'] = b1 * s['m'] + (1 - b1) * g
    s['s'] = b2 * s['s'] + (1 - b2) * (g - s['m']) ** 2 + eps
    s['largest'] = np.maximum(s['largest'], s['s'])
    mean, second = s['m'] / (1 - b1 ** t), s['largest'] if o.get('amsgrad') else s['s']
    if o.get('rectify'):
        return p - rectified(lr, mean, second, b2, t, eps)
    return p - lr * mean / (np.sqrt(second / (1 - b2 ** t)) + eps)


def adopt(p, g, s, t, o):
    lr, (b1, b2), eps = o.get('lr', 1e-3), o.get('betas', (0.9, 0.9999)), o.get('eps', 1e-6)
    if t == 1:
        _, g = decayed(p, g, lr, o, False)
        s['v'] = g ** 2
        return p
    p, g = decayed(p, g, lr, o, False)
    normed = g / np.maximum(np.sqrt(s['v']), eps)
    if o.get('clip', True):
        normed = np.clip(normed, -(t - 1) ** 0.25, (t - 1) ** 0.25)
    s['m'] = b1 * s['m'] + (1 - b1) * normed
    s['v'] = b2 * s['v'] + (1 - b2) * g ** 2
    return p - lr * s['m']


def adan(p, g, s, t, o):
    lr, (b1, b2, b3), eps = o.get('lr', 1e-3), o.get('betas', (0.98, 0.92, 0.99)), o.get('eps', 1e-8)
    d = g - s['previous'] if t > 1 else np.zeros_like(g)
    s['m'], s['n'] = b1 * s['m'] + (1 - b1) * g, b2 * s['n'] + (1 - b2) * d
    s['v'], s['previous'] = b3 * s['v'] + (1 - b3) * (g + b2 * d) ** 2, g
    rate = lr / (np.sqrt(s['v'] / (1 - b3 ** t)) + eps)
    step = rate * (s['m'] / (1 - b1 ** t) + b2 * s['n'] / (1 - b2 ** t))
    wd = lr * o.get('weightDecay', 0)
    return p * (1 - wd) - step if o.get('noProx') else (p - step) / (1 + wd)


def ademamix(p, g, s, t, o):
    lr, (b1, b2, b3), eps = o.get('lr', 1e-3), o.get('betas', (0.9, 0.999, 0.9999)), o.get('eps', 1e-8)
    alpha = o.get('alpha', 2)
    if o.get('alphaWarmup'):
        alpha = min(t / o['alphaWarmup'] * alpha, alpha)
    if o.get('beta3Warmup') and t < o['beta3Warmup']:
        done = t / o['beta3Warmup']
        b3 = min(math.exp(math.log(b1) * math.log(b3) / ((1 - done) * math.log(b3) + done * math.log(b1))), b3)
    s['fast'], s['slow'] = b1 * s['fast'] + (1 - b1) * g, b3 * s['slow'] + (1 - b3) * g
    s['v'] = b2 * s['v'] + (1 - b2) * g ** 2
    step = (s['fast'] / (1 - b1 ** t) + alpha * s['slow']) / (np.sqrt(s['v'] / (1 - b2 ** t)) + eps)
    return p - lr * (step + o.get('weightDecay', 0) * p)


def sophia(p, g, s, t, o):
    lr, (b1, _) = o.get('lr', 1e-4), o.get('betas', (0.965, 0.99))
    p, g = decayed(p, g, lr, {'weightDecay': 0.1, **o}, True)
    s['m'] = b1 * s['m'] + (1 - b1) * g
    return p - lr * np.sign(s['m']) * np.minimum(np.abs(s['m']) / 1e-15, 1)


def of_each(function):
    """The same for all parameters of a step."""
    def step(values, gradients, states, t, o, shared):
        return [p if g is None else function(p, g, s, s['t'], o) for p, g, s in zip(values, gradients, states)]
    return step


def schedule_free(normed, lr0, beta):
    def step(values, gradients, states, t, o, shared):
        lr = o.get('lr', lr0) * min(1, t / max(1, o.get('warmupSteps', 0)))
        shared['largest'] = max(shared['largest'], lr)
        weight = t ** o.get('r', 0) * shared['largest'] ** o.get('weightLrPower', 2)
        shared['sum'] += weight
        c, b = weight / shared['sum'], beta(o)
        result = []
        for y, g, s in zip(values, gradients, states):
            if g is None:
                result.append(y)
                continue
            z = s.get('z', y)
            d = normed(g, s, t, o) + o.get('weightDecay', 0) * y
            result.append((1 - c) * y + c * z + lr * (b * (1 - c) - 1) * d)
            s['z'] = z - lr * d
        return result
    return step


def over_root(g, s, t, o):
    b2 = o.get('betas', (0.9, 0.999))[1]
    s['v'] = b2 * s['v'] + (1 - b2) * g ** 2
    return g / (np.sqrt(s['v'] / (1 - b2 ** t)) + o.get('eps', 1e-8))


def prodigy(values, gradients, states, t, o, shared):
    lr, (b1, b2), eps = o.get('lr', 1), o.get('betas', (0.9, 0.999)), o.get('eps', 1e-8)
    b3, d0 = o.get('beta3') or math.sqrt(b2), o.get('d0', 1e-6)
    d = shared['d'] or d0
    lr *= math.sqrt(1 - b2 ** t) / (1 - b1 ** t) if o.get('useBiasCorrection') else 1
    product, size, result = 0.0, 0.0, []
    for p, g, s in zip(values, gradients, states):
        if g is None:
            result.append(p)
            continue
        x, g = decayed(p, g, d * lr, o, True)
        s.setdefault('start', p)
        product += float(g @ (s['start'] - p))
        s['m'], s['v'] = b1 * s['m'] + (1 - b1) * d * g, b2 * s['v'] + (1 - b2) * d ** 2 * g ** 2
        s['s'] = b3 * s['s'] + (1 - b3) * (1 if o.get('safeguardWarmup') else lr) * d ** 2 * g
        size += float(np.abs(s['s']).sum())
        result.append(x - lr * d * s['m'] / (np.sqrt(s['v']) + d * eps))
    shared['r'] = b3 * shared['r'] + (1 - b3) * lr * d ** 2 * product
    if size > 0:
        shared['d'] = min(max(d, o.get('dCoef', 1) * shared['r'] / size), d * o.get('growthRate', math.inf))
    return result


FREE_SGD = schedule_free(lambda g, s, t, o: g, 1.0, lambda o: o.get('momentum', 0.9))
FREE_ADAMW = schedule_free(over_root, 2.5e-3, lambda o: o.get('betas', (0.9, 0.999))[0])
DECAYS = [{'weightDecay': 0.1, 'decoupledWeightDecay': False}, {'weightDecay': 0.1, 'decoupledWeightDecay': True}]
ALL = [{}, *DECAYS, {'lr': 0.1, 'betas': [0.8, 0.9], 'maximize': True}]
OPTIMIZERS = {
    'Adam': (of_each(adam), [{'lr': 0.1, **DECAYS[1]}]),
    'NAdam': (of_each(nadam), [{}, {'lr': 0.1, **DECAYS[1]}, {'weightDecay': 0.1, 'momentumDecay': 0.1},
                               {'lr': 0.1, 'betas': [0.8, 0.9], 'eps': 1e-4, 'maximize': True}]),
    'RAdam': (of_each(radam), [{'lr': 0.1, **DECAYS[1]}, {'betas': [0.9, 0.6], 'maximize': True}]),
    'Lion': (of_each(lion), ALL),
    'AdaBelief': (of_each(adabelief), [*ALL, {'eps': 1e-3}, {'amsgrad': True, 'betas': [0.9, 0.6]},
                                       {'weightDecay': 0.1, 'fixedDecay': True, 'maximize': True},
                                       {'rectify': True, 'eps': 1e-3, 'weightDecay': 0.1},
                                       {'rectify': True, 'lr': 0.1, 'betas': [0.8, 0.9], 'fixedDecay': True,
                                        **DECAYS[0]},
                                       {'rectify': True, 'amsgrad': True, 'betas': [0.9, 0.7], 'eps': 1e-3}]),
    'ADOPT': (of_each(adopt), [*ALL, {'eps': 0.1}, {'lr': 0.01, 'clip': False}]),
    'Adan': (of_each(adan), [{}, {'weightDecay': 0.1}, {'weightDecay': 0.1, 'noProx': True},
                             {'lr': 0.1, 'betas': [0.8, 0.7, 0.9], 'eps': 1e-4, 'maximize': True}]),
    'AdEMAMix': (of_each(ademamix), [{}, {'weightDecay': 0.1, 'alpha': 8}, {'alphaWarmup': 15, 'beta3Warmup': 10},
                                     {'lr': 0.1, 'betas': [0.8, 0.7, 0.9], 'eps': 1e-4, 'maximize': True}]),
    'SophiaG': (of_each(sophia), [{}, DECAYS[0], {'lr': 0.1, 'betas': [0.8, 0.9], 'maximize': True}]),
    'ScheduleFreeSGD': (FREE_SGD, [{'lr': 0.01}, {'lr': 0.01, 'momentum': 0.6, 'weightDecay': 0.1, 'warmupSteps': 5},
                                   {'lr': 0.01, 'r': 1, 'weightLrPower': 1, 'maximize': True}]),
    'ScheduleFreeAdamW': (FREE_ADAMW, [{}, {'weightDecay': 0.1, 'warmupSteps': 5},
                                       {'lr': 0.1, 'betas': [0.8, 0.9], 'r': 1, 'weightLrPower': 1, 'eps': 1e-4,
                                        'maximize': True}]),
    'Prodigy': (prodigy, [{}, {'weightDecay': 0.1, 'dCoef': 0.5}, {'weightDecay': 0.1, 'decoupledWeightDecay': False},
                          {'lr': 0.3, 'betas': [0.8, 0.9], 'd0': 1e-3, 'growthRate': 1.5, 'beta3': 0.5},
                          {'lr': 0.3, 'd0': 1e-3, 'useBiasCorrection': True, 'safeguardWarmup': True, 'weightDecay': 0.1}]),
}


def run(step, options):
    values = [np.array(v) for v in PROBLEM['values']]
    states, shared, kept = [State() for _ in values], State(), {}
    for t, row in enumerate(PROBLEM['gradients'], 1):
        sign = -1 if options.get('maximize') else 1
        gradients = [None if g is None else sign * np.array(g) for g in row]
        for state, g in zip(states, gradients):
            state['t'] = int(state['t']) + (g is not None)
        values = step(values, gradients, states, t, options, shared)
        if t in KEPT_STEPS:
            kept[t] = [v.tolist() for v in values]
    assert all(np.isfinite(v).all() for row in kept.values() for v in row)
    return kept


def authors_code(path):
    """The optimizers that are in a folder, and options that they are made with."""
    sys.path.insert(0, path)
    if importlib.util.find_spec('schedulefree'):
        import schedulefree
        classes = {'ScheduleFreeSGD': schedulefree.SGDScheduleFree, 'ScheduleFreeAdamW': schedulefree.AdamWScheduleFree}
        return classes, {'foreach': False}
    # It greets in colours, with packages that nothing else needs.
    for name in ('colorama', 'tabulate'):
        sys.modules.setdefault(name, unittest.mock.MagicMock())
    import adabelief_pytorch
    return {'AdaBelief': adabelief_pytorch.AdaBelief}, {'print_change_log': False, 'rectify': False}


def compare_with(path):
    """Fails where the authors' code in a folder gives something else."""
    import torch
    names = {'weightDecay': 'weight_decay', 'warmupSteps': 'warmup_steps', 'weightLrPower': 'weight_lr_power',
             'fixedDecay': 'fixed_decay', 'decoupledWeightDecay': 'weight_decouple'}
    classes, defaults = authors_code(path)
    for name, make in classes.items():
        for options in OPTIMIZERS[name][1]:
            if options.get('rectify') and options.get('amsgrad'):
                continue
            parameters = [torch.nn.Parameter(torch.tensor(v, dtype=torch.float64)) for v in PROBLEM['values']]
            given = {names.get(n, n): v for n, v in options.items() if n != 'maximize'}
            optimizer = make(parameters, **{**defaults, **given})
            if hasattr(optimizer, 'train'):
                optimizer.train()
            expected = run(OPTIMIZERS[name][0], options)
            for t, row in enumerate(PROBLEM['gradients'], 1):
                for p, g in zip(parameters, row):
                    p.grad = None if g is None else torch.tensor(g, dtype=torch.float64) * (-1 if options.get('maximize') else 1)
                optimizer.step()
                for p, v in zip(parameters, expected.get(t, [])):
                    np.testing.assert_allclose(p.detach().numpy(), v, rtol=1e-11, atol=1e-11)


CASES = [{'optimizer': name, 'options': options, 'dtype': 'float64', 'steps': run(step, options)}
         for name, (step, grid) in OPTIMIZERS.items() for options in grid]
if len(sys.argv) > 1:
    compare_with(sys.argv[1])
rows = ',\n'.join(json.dumps(case, separators=(',', ':'), allow_nan=False) for case in CASES)
(FOLDER / 'papers.json').write_text(f'[\n{rows}\n]\n')
