"""Writes optimizers.json: what torch.optim's single-tensor code (foreach=False) makes of given gradients.

Format: see README.md. Where torch 1.13 rounds differently from the newest release (the mathematics is the same):
- The first moment of Adam, AdamW and Adamax: `m*b1 + (1-b1)*g`; since 2.0 `lerp(m, g, 1-b1)`.
- RMSprop's centered mean: `ga*alpha + (1-alpha)*g`; since 2.0 `lerp(ga, g, 1-alpha)`.
All of those have `maximize` in 1.13 already.
"""
import json
import pathlib

import numpy as np
import torch

SIZES = [1, 7, 33]
STEPS = 20
KEPT_STEPS = [1, 2, 3, 10, 20]
# At this step the second parameter has no gradient: no decay, no moment, no step count for it.
SKIPPED_STEP, SKIPPED_PARAMETER = 6, 1
DTYPES = {'float64': torch.float64, 'float32': torch.float32}

OPTIMIZERS = {
    'SGD': (torch.optim.SGD, [
        {},
        {'lr': 0.1},
        {'momentum': 0.9},
        {'dampening': 0.5},
        {'weightDecay': 0.1},
        {'maximize': True},
        {'momentum': 0.9, 'dampening': 0.5},
        {'momentum': 0.9, 'nesterov': True},
        {'lr': 0.01, 'momentum': 0.8, 'nesterov': True, 'weightDecay': 0.1},
        {'lr': 0.01, 'momentum': 0.8, 'dampening': 0.3, 'weightDecay': 0.1, 'maximize': True},
        {'lr': 0.01, 'momentum': 0.8, 'nesterov': True, 'weightDecay': 0.1, 'maximize': True},
    ]),
    'Adagrad': (torch.optim.Adagrad, [
        {},
        {'lr': 0.1},
        {'lrDecay': 0.1},
        {'weightDecay': 0.1},
        {'initialAccumulatorValue': 0.5},
        {'eps': 1e-3},
        {'maximize': True},
        {'lr': 0.1, 'lrDecay': 0.05, 'weightDecay': 0.1, 'initialAccumulatorValue': 0.1, 'eps': 1e-6},
        {'lr': 0.1, 'lrDecay': 0.05, 'weightDecay': 0.1, 'initialAccumulatorValue': 0.1, 'maximize': True},
    ]),
    'Adadelta': (torch.optim.Adadelta, [
        {},
        {'lr': 0.1},
        {'rho': 0.5},
        {'eps': 1e-3},
        {'weightDecay': 0.1},
        {'maximize': True},
        {'lr': 0.5, 'rho': 0.8, 'eps': 1e-4, 'weightDecay': 0.1, 'maximize': True},
    ]),
    'RMSprop': (torch.optim.RMSprop, [
        {},
        {'lr': 0.1},
        {'alpha': 0.9},
        {'eps': 1e-3},
        {'weightDecay': 0.1},
        {'momentum': 0.9},
        {'centered': True},
        {'maximize': True},
        {'centered': True, 'momentum': 0.9},
        {'alpha': 0.4, 'centered': True, 'eps': 1e-4},
        {'lr': 0.1, 'alpha': 0.9, 'weightDecay': 0.1, 'momentum': 0.8, 'maximize': True},
        {'lr': 0.1, 'alpha': 0.9, 'weightDecay': 0.1, 'momentum': 0.8, 'centered': True, 'maximize': True},
    ]),
    'Adam': (torch.optim.Adam, [
        {},
        {'lr': 0.1},
        {'betas': [0.8, 0.99]},
        # torch's lerp takes another branch once 1 - beta1 >= 0.5.
        {'betas': [0.3, 0.9]},
        {'betas': [0, 0.99]},
        {'eps': 1e-3},
        {'weightDecay': 0.1},
        {'amsgrad': True},
        {'maximize': True},
        {'amsgrad': True, 'weightDecay': 0.1},
        {'lr': 0.1, 'betas': [0.8, 0.9], 'eps': 1e-4, 'weightDecay': 0.1, 'maximize': True},
        {'lr': 0.1, 'betas': [0.8, 0.9], 'eps': 1e-4, 'weightDecay': 0.1, 'amsgrad': True, 'maximize': True},
    ]),
    'AdamW': (torch.optim.AdamW, [
        {},
        {'lr': 0.1},
        {'betas': [0.8, 0.99]},
        {'eps': 1e-3},
        {'weightDecay': 0},
        {'weightDecay': 0.5},
        {'amsgrad': True},
        {'maximize': True},
        {'lr': 0.1, 'betas': [0.8, 0.9], 'eps': 1e-4, 'weightDecay': 0.1, 'amsgrad': True, 'maximize': True},
    ]),
    'Adamax': (torch.optim.Adamax, [
        {},
        {'lr': 0.1},
        {'betas': [0.8, 0.99]},
        {'betas': [0.3, 0.9]},
        {'betas': [0, 0.99]},
        {'eps': 1e-3},
        {'weightDecay': 0.1},
        {'maximize': True},
        {'lr': 0.1, 'betas': [0.8, 0.9], 'eps': 1e-4, 'weightDecay': 0.1, 'maximize': True},
    ]),
    'RAdam': (torch.optim.RAdam, [
        {},
        {'lr': 0.1, 'betas': [0.8, 0.9], 'eps': 1e-4},
        {'weightDecay': 0.1},
    ]),
    'ASGD': (torch.optim.ASGD, [
        {},
        {'lr': 0.1, 'lambd': 0.01, 'alpha': 0.5, 't0': 3},
        {'weightDecay': 0.1, 'maximize': True},
    ]),
    'Rprop': (torch.optim.Rprop, [
        {},
        {'lr': 0.1, 'etas': [0.3, 1.5], 'stepSizes': [0.01, 0.2]},
        {'maximize': True},
    ]),
    'SparseAdam': (torch.optim.SparseAdam, [
        {},
        {'lr': 0.1, 'betas': [0.8, 0.9], 'eps': 1e-4, 'maximize': True},
    ]),
}
PYTORCH_NAMES = {
    'weightDecay': 'weight_decay',
    'lrDecay': 'lr_decay',
    'stepSizes': 'step_sizes',
    'initialAccumulatorValue': 'initial_accumulator_value',
}


def problem():
    """Values and gradients that float32 holds exactly, so that both types start from the same numbers."""
    random = np.random.default_rng(20171222)
    values = [random.normal(size=n) * 10 ** random.uniform(-2, 1, size=n) for n in SIZES]
    scales = [10 ** random.uniform(-6, 3, size=n) for n in SIZES]
    gradients = []
    for step in range(1, STEPS + 1):
        row = []
        for scale in scales:
            sign = random.choice([-1.0, 1.0], size=scale.size)
            size = np.clip(scale * 10 ** random.uniform(-1, 1, size=scale.size), 1e-6, 1e3)
            row.append(np.where(random.random(scale.size) < 0.04, 0.0, sign * size))
        row[2][5] = 0.0 if step <= 10 else row[2][5]
        gradients.append(row)
    gradients[SKIPPED_STEP - 1][SKIPPED_PARAMETER] = None
    return [exact(v) for v in values], [[exact(g) for g in row] for row in gradients]


def exact(array):
    return None if array is None else array.astype(np.float32).astype(np.float64).tolist()


def whole(dense):
    return torch.sparse_coo_tensor(torch.arange(len(dense))[None], dense, dense.shape)


def run(optimizer_class, options, dtype, values, gradients):
    parameters = [torch.nn.Parameter(torch.tensor(v, dtype=dtype)) for v in values]
    keywords = {PYTORCH_NAMES.get(name, name): value for name, value in options.items()}
    if optimizer_class is torch.optim.SGD:
        keywords.setdefault('lr', 1e-3)  # the default of newer releases; 1.13 has none
    is_sparse = optimizer_class is torch.optim.SparseAdam
    optimizer = optimizer_class(parameters, **keywords, **({} if is_sparse else {'foreach': False}))
    kept = {}
    for step, row in enumerate(gradients, 1):
        for parameter, gradient in zip(parameters, row):
            dense = None if gradient is None else torch.tensor(gradient, dtype=dtype)
            # All elements, also where they are 0.
            parameter.grad = whole(dense) if is_sparse and dense is not None else dense
        optimizer.step()
        if step in KEPT_STEPS:
            kept[step] = [p.detach().to(torch.float64).tolist() for p in parameters]
    assert all(np.isfinite(v).all() for row in kept.values() for v in row)
    return kept


def lines(rows):
    return '[\n' + ',\n'.join(json.dumps(row, separators=(',', ':'), allow_nan=False) for row in rows) + '\n]'


torch.set_num_threads(1)
# ASGD keeps its rate in the default type.
torch.set_default_dtype(torch.float64)
VALUES, GRADIENTS = problem()
CASES = [{'optimizer': name, 'options': options, 'dtype': dtype,
          'steps': run(optimizer_class, options, DTYPES[dtype], VALUES, GRADIENTS)}
         for name, (optimizer_class, grid) in OPTIMIZERS.items() for options in grid for dtype in DTYPES]
pathlib.Path(__file__).with_suffix('.json').write_text(
    f'{{"torch":"{torch.__version__}","values":{lines(VALUES)},"gradients":{lines(GRADIENTS)},"cases":{lines(CASES)}}}\n')
