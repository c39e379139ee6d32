"""Writes schedules.json: the rates of PyTorch's schedulers at every step, each driven beside an optimizer.

Format: see README.md. A schedule is described by the TypeScript call that makes it:
[factory, argument, ...], where an argument may be such a description itself.
"""
import json
import math
import pathlib
import warnings

import torch
from torch.optim import lr_scheduler as pt
from torch.optim.swa_utils import SWALR

warnings.filterwarnings('ignore')


def drive(lr, make, steps, metrics=None, option='lr'):
    weight = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = torch.optim.SGD([weight], lr=lr, momentum=0.9)
    scheduler = make(optimizer)
    rates = []
    for step in range(steps):
        rates.append(optimizer.param_groups[0][option])
        if step == steps - 1:
            break
        optimizer.step()
        if metrics is None:
            scheduler.step()
        else:
            scheduler.step(metrics[step])
    return rates


CASES = []


def case(call, lr, make, steps, metrics=None, option='lr'):
    row = {'call': call, 'rates': drive(lr, make, steps, metrics, option)}
    if metrics is not None:
        row['metrics'] = metrics
    CASES.append(row)


def one(factory, lr, options, make, steps):
    case([factory, lr, options], lr, make, steps)


case(['constant', 0.3], 0.3, lambda o: pt.ConstantLR(o, factor=1.0), 10)

one('stepDecay', 0.1, {'every': 7, 'factor': 0.5}, lambda o: pt.StepLR(o, 7, gamma=0.5), 40)
one('stepDecay', 0.3, {'every': 30}, lambda o: pt.StepLR(o, 30), 125)
one('stepDecay', 2.0, {'every': 1, 'factor': 0.9}, lambda o: pt.StepLR(o, 1, gamma=0.9), 30)

one('multiStep', 0.1, {'at': [3, 4, 11, 30], 'factor': 0.3},
    lambda o: pt.MultiStepLR(o, [3, 4, 11, 30], gamma=0.3), 40)
one('multiStep', 0.1, {'at': [15, 22, 26]}, lambda o: pt.MultiStepLR(o, [15, 22, 26]), 30)

one('exponential', 0.1, {'factor': 0.95}, lambda o: pt.ExponentialLR(o, 0.95), 120)
one('exponential', 1e-3, {'factor': 1.1}, lambda o: pt.ExponentialLR(o, 1.1), 60)

one('linear', 0.1, {'steps': 5}, lambda o: pt.LinearLR(o), 12)
one('linear', 0.7, {'from': 1, 'to': 0, 'steps': 33},
    lambda o: pt.LinearLR(o, start_factor=1.0, end_factor=0.0, total_iters=33), 40)
one('linear', 1e-3, {'from': 0.01, 'to': 0.8, 'steps': 17},
    lambda o: pt.LinearLR(o, start_factor=0.01, end_factor=0.8, total_iters=17), 25)

one('polynomial', 0.1, {'steps': 5}, lambda o: pt.PolynomialLR(o), 9)
one('polynomial', 0.2, {'steps': 41, 'power': 2}, lambda o: pt.PolynomialLR(o, total_iters=41, power=2.0), 50)
one('polynomial', 0.2, {'steps': 23, 'power': 0.5}, lambda o: pt.PolynomialLR(o, total_iters=23, power=0.5), 30)

# Up to T_max only: past it our cosine stays at `min`, on purpose.
one('cosine', 0.1, {'steps': 50}, lambda o: pt.CosineAnnealingLR(o, 50), 51)
one('cosine', 3e-4, {'steps': 33, 'min': 1e-6}, lambda o: pt.CosineAnnealingLR(o, 33, eta_min=1e-6), 34)
one('cosine', 0.01, {'steps': 20, 'min': 0.5}, lambda o: pt.CosineAnnealingLR(o, 20, eta_min=0.5), 21)

one('cosineRestarts', 0.1, {'first': 10},
    lambda o: pt.CosineAnnealingWarmRestarts(o, 10), 45)
one('cosineRestarts', 0.1, {'first': 3, 'multiplier': 2, 'min': 0.001},
    lambda o: pt.CosineAnnealingWarmRestarts(o, 3, T_mult=2, eta_min=0.001), 100)
one('cosineRestarts', 0.5, {'first': 1, 'multiplier': 3},
    lambda o: pt.CosineAnnealingWarmRestarts(o, 1, T_mult=3), 130)


def one_cycle(options, steps, **pytorch):
    case(['oneCycle', options], 1.0, lambda o: pt.OneCycleLR(o, options['max'], **pytorch), steps)


one_cycle({'max': 0.1, 'steps': 50}, 50, total_steps=50)
one_cycle({'max': 0.1, 'steps': 37, 'pctStart': 0.45, 'annealStrategy': 'linear'}, 37,
          total_steps=37, pct_start=0.45, anneal_strategy='linear')
one_cycle({'max': 2, 'steps': 60, 'divFactor': 10, 'finalDivFactor': 100, 'threePhase': True}, 60,
          total_steps=60, div_factor=10.0, final_div_factor=100.0, three_phase=True)
one_cycle({'max': 2, 'steps': 31, 'pctStart': 0.5, 'threePhase': True, 'annealStrategy': 'linear'}, 31,
          total_steps=31, pct_start=0.5, three_phase=True, anneal_strategy='linear')
one_cycle({'max': 0.1, 'steps': 20, 'pctStart': 0}, 20, total_steps=20, pct_start=0.0)
one_cycle({'max': 0.1, 'steps': 20, 'pctStart': 1}, 20, total_steps=20, pct_start=1.0)
one_cycle({'max': 0.1, 'steps': 2}, 2, total_steps=2)


def cyclic(options, steps, **pytorch):
    case(['cyclic', options], 1.0, lambda o: pt.CyclicLR(o, options['base'], options['max'], **pytorch), steps)


cyclic({'base': 0.01, 'max': 0.1, 'up': 8}, 50, step_size_up=8)
cyclic({'base': 0, 'max': 0.1, 'up': 5, 'down': 11}, 50, step_size_up=5, step_size_down=11)
cyclic({'base': 0.01, 'max': 0.1, 'up': 4, 'down': 6, 'mode': 'triangular2'}, 50,
       step_size_up=4, step_size_down=6, mode='triangular2')
cyclic({'base': 0.01, 'max': 0.1, 'up': 7, 'mode': 'expRange', 'factor': 0.97}, 60,
       step_size_up=7, mode='exp_range', gamma=0.97)


def one_cycle_momentum(options, steps, **pytorch):
    case(['oneCycleMomentum', options], 1.0, lambda o: pt.OneCycleLR(o, 1.0, total_steps=options['steps'], **pytorch), steps,
         option='momentum')


one_cycle_momentum({'steps': 1000}, 1000)
one_cycle_momentum({'steps': 90, 'base': 0.5, 'max': 0.8, 'pctStart': 0.4, 'threePhase': True, 'annealStrategy': 'linear'},
                   90, base_momentum=0.5, max_momentum=0.8, pct_start=0.4, three_phase=True, anneal_strategy='linear')


def cyclic_momentum(options, steps, **pytorch):
    case(['cyclicMomentum', options], 1.0, lambda o: pt.CyclicLR(o, 0.1, 1.0, **pytorch), steps, option='momentum')


cyclic_momentum({'up': 70, 'down': 110, 'mode': 'expRange', 'factor': 0.999}, 1000,
                step_size_up=70, step_size_down=110, mode='exp_range', gamma=0.999)
cyclic_momentum({'base': 0.6, 'max': 0.95, 'up': 7}, 50, step_size_up=7, base_momentum=0.6, max_momentum=0.95)
cyclic_momentum({'up': 4, 'down': 9, 'mode': 'triangular2'}, 50, step_size_up=4, step_size_down=9, mode='triangular2')


class ThenSWALR:
    """A scheduler that SWALR takes over from, as in the tutorial of torch.optim.swa_utils."""

    def __init__(self, optimizer, scheduler, start, **options):
        self.optimizer, self.scheduler, self.start, self.options = optimizer, scheduler, start, options
        self.count = 0

    def step(self):
        self.count += 1
        self.scheduler.step()
        if self.count == self.start:
            self.scheduler = SWALR(self.optimizer, **self.options)


case(['swaLr', ['exponential', 0.3, {'factor': 0.99}], {'start': 30, 'lr': 0.05}], 0.3,
     lambda o: ThenSWALR(o, pt.ExponentialLR(o, 0.99), 30, swa_lr=0.05), 60)
case(['swaLr', ['cosine', 0.1, {'steps': 100}], {'start': 12, 'lr': 0.2, 'steps': 25, 'annealStrategy': 'linear'}], 0.1,
     lambda o: ThenSWALR(o, pt.CosineAnnealingLR(o, 100), 12, swa_lr=0.2, anneal_epochs=25, anneal_strategy='linear'), 60)
case(['swaLr', 0.1, {'start': 5, 'lr': 0.02, 'steps': 0}], 0.1,
     lambda o: ThenSWALR(o, pt.ConstantLR(o, factor=1.0), 5, swa_lr=0.02, anneal_epochs=0), 12)


def sequential(o, parts, milestones):
    return pt.SequentialLR(o, [part(o) for part in parts], milestones)


# Without StepLR-like parts: their chained form multiplies what the part before them left behind.
case(['sequential', [['linear', 0.1, {'from': 0.1, 'steps': 5}], ['exponential', 0.1, {'factor': 0.9}],
                     ['cosine', 0.1, {'steps': 20}]], {'at': [5, 18]}],
     0.1, lambda o: sequential(o, [lambda o: pt.LinearLR(o, 0.1, 1.0, 5), lambda o: pt.ExponentialLR(o, 0.9),
                                   lambda o: pt.CosineAnnealingLR(o, 20)], [5, 18]), 38)

case(['constantWarmup', ['multiStep', 0.1, {'at': [6, 9]}], {'lr': 0.01, 'steps': 4}],
     0.1, lambda o: sequential(o, [lambda o: pt.ConstantLR(o, factor=0.1, total_iters=1000),
                                   lambda o: pt.MultiStepLR(o, [6, 9])], [4]), 20)

# Our step t is already at (t + 1) / steps of the way: the same line as PyTorch's from 1 / steps over steps - 1 intervals.
case(['gradualWarmup', ['cosine', 0.4, {'steps': 30}], {'steps': 8}],
     0.4, lambda o: sequential(o, [lambda o: pt.LinearLR(o, 1 / 8, 1.0, 7), lambda o: pt.CosineAnnealingLR(o, 30)], [8]), 38)
case(['gradualWarmup', ['exponential', 0.4, {'factor': 0.9}], {'steps': 5, 'from': 0.1}],
     0.4, lambda o: sequential(o, [lambda o: pt.LinearLR(o, (0.1 + 0.3 / 5) / 0.4, 1.0, 4),
                                   lambda o: pt.ExponentialLR(o, 0.9)], [5]), 20)

# A function of the step is no JSON: its rates are those of a schedule of rate 1.
case(['scale', ['exponential', 0.3, {'factor': 0.9}], ['linear', 1, {'from': 0.2, 'to': 0.7, 'steps': 9}]],
     0.3, lambda o: pt.ChainedScheduler([pt.ExponentialLR(o, 0.9), pt.LinearLR(o, 0.2, 0.7, 9)]), 40)
case(['scale', ['multiStep', 0.1, {'at': [5, 11], 'factor': 0.5}], ['exponential', 1, {'factor': 0.97}]],
     0.1, lambda o: pt.ChainedScheduler([pt.MultiStepLR(o, [5, 11], gamma=0.5), pt.ExponentialLR(o, 0.97)]), 40)

case(['multiplicative', 0.3, ['linear', 1, {'from': 0.9, 'to': 1.01, 'steps': 30}]], 0.3,
     lambda o: pt.MultiplicativeLR(o, lambda t: 0.9 + (1.01 - 0.9) * min(t, 30) / 30), 60)

# Falls, stalls, falls again and stalls for good, with a wobble.
METRICS = [round(2 * math.exp(-t / 6) + 0.05 * math.sin(3.0 * t), 6) if t < 25 else
           round(0.9 ** min(t - 25, 8) * 0.05 + 0.001 * math.sin(t), 6) for t in range(70)]
NEAR = [1 - 0.00009 * t for t in range(40)]


def plateau(options, metrics, lr=0.1, **pytorch):
    case(['reduceOnPlateau', lr, options], lr, lambda o: pt.ReduceLROnPlateau(o, **pytorch), len(metrics), metrics)


plateau({}, METRICS)
plateau({'patience': 2, 'factor': 0.5, 'cooldown': 3}, METRICS, patience=2, factor=0.5, cooldown=3)
plateau({'patience': 0, 'factor': 0.3, 'minLr': 0.004}, METRICS, patience=0, factor=0.3, min_lr=0.004)
plateau({'patience': 1, 'factor': 0.1, 'eps': 1e-3}, METRICS, patience=1, factor=0.1, eps=1e-3)
plateau({'patience': 1, 'mode': 'max', 'cooldown': 1}, METRICS, patience=1, mode='max', cooldown=1)
plateau({'patience': 1, 'mode': 'max', 'thresholdMode': 'abs', 'threshold': 0.1, 'factor': 0.5},
        METRICS[::-1], patience=1, mode='max', threshold_mode='abs', threshold=0.1, factor=0.5)
plateau({'patience': 0, 'factor': 0.5}, NEAR, patience=0, factor=0.5)
plateau({'patience': 1, 'factor': 0.5, 'thresholdMode': 'abs', 'threshold': 0.0002}, NEAR,
        patience=1, factor=0.5, threshold_mode='abs', threshold=0.0002)

path = pathlib.Path(__file__).with_suffix('.json')
rows = ',\n'.join(json.dumps(row, separators=(',', ':')) for row in CASES)
path.write_text(f'{{"torch":"{torch.__version__}","cases":[\n{rows}\n]}}\n')
