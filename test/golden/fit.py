"""Writes fit.json: what PyTorch's training loop, as its tutorials write it, makes of a small network in float64.

Losses and norms of every step, means of every epoch, the epoch it ends with, final weights, buffers and averages.
The rows keep their order. Names are those of lockstep/nn: runningMean for running_mean.
"""
import copy
import json
import math
import pathlib

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

ROWS, VALIDATION_ROWS, FEATURES, CLASSES = 17, 7, 3, 3
CAMEL = {'running_mean': 'runningMean', 'running_var': 'runningVar'}
OPTIMIZERS = {'SGD': torch.optim.SGD, 'Adam': torch.optim.Adam}
EARLY = {'optimizer': 'SGD', 'rate': 0.1, 'momentum': 0.5, 'epochs': 30, 'batchSize': 5, 'validation': True}

# `decay`: the rate of step t is rate / (1 + decay t). `frozen`: batch normalisation stays in evaluation mode.
CASES = {
    'a partial last batch': {'optimizer': 'SGD', 'rate': 0.3, 'momentum': 0.9, 'epochs': 3, 'batchSize': 5,
                             'validation': True},
    'rows that fill no step left out': {'optimizer': 'Adam', 'rate': 0.05, 'epochs': 3, 'batchSize': 5,
                                        'dropLast': True, 'validation': True},
    'accumulated gradients': {'optimizer': 'SGD', 'rate': 0.3, 'epochs': 3, 'batchSize': 3,
                              'gradientAccumulation': 4, 'validation': True},
    'clipped gradients': {'optimizer': 'SGD', 'rate': 0.5, 'epochs': 3, 'batchSize': 6, 'clipGradNorm': 0.4},
    'all of accumulation, clipping and averages': {
        'optimizer': 'Adam', 'rate': 0.05, 'epochs': 4, 'batchSize': 3, 'gradientAccumulation': 2,
        'clipGradNorm': 0.3, 'ema': {'decay': 0.9, 'warmup': False}, 'validation': True},
    'averages with a warm-up': {'optimizer': 'SGD', 'rate': 0.3, 'epochs': 5, 'batchSize': 5,
                                'ema': {'decay': 0.6, 'warmup': True}, 'validation': True},
    'averages without a warm-up': {'optimizer': 'SGD', 'rate': 0.3, 'epochs': 3, 'batchSize': 5,
                                   'ema': {'warmup': False}},
    'averages by default': {'optimizer': 'SGD', 'rate': 0.3, 'epochs': 3, 'batchSize': 5, 'ema': {}},
    'a schedule': {'optimizer': 'SGD', 'rate': 0.5, 'decay': 0.25, 'momentum': 0.9, 'epochs': 3, 'batchSize': 6},
    'a rate that goes by the validation': {
        'optimizer': 'SGD', 'rate': 0.8, 'momentum': 0.9, 'plateau': {'factor': 0.3, 'patience': 1},
        'epochs': 12, 'batchSize': 5, 'validation': True},
    'a rate that goes by the training': {
        'optimizer': 'SGD', 'rate': 1.5, 'momentum': 0.9, 'plateau': {'factor': 0.3, 'patience': 0},
        'epochs': 8, 'batchSize': 5},
    'a mean squared error': {'optimizer': 'Adam', 'rate': 0.05, 'loss': 'mse', 'epochs': 3, 'batchSize': 6,
                             'validation': True},
    'a frozen layer': {'optimizer': 'SGD', 'rate': 0.3, 'frozen': True, 'epochs': 3, 'batchSize': 5,
                       'validation': True},
    'early stopping': {**EARLY, 'earlyStopping': {'patience': 3}},
    'early stopping with the last weights': {**EARLY, 'earlyStopping': {'patience': 2, 'restoreBest': False}},
    'early stopping by a larger improvement': {**EARLY, 'earlyStopping': {'patience': 4, 'minDelta': 0.05}},
    'early stopping by the accuracy': {**EARLY, 'monitor': 'accuracy',
                                       'earlyStopping': {'patience': 4, 'mode': 'max'}},
    'early stopping of averages': {**EARLY, 'earlyStopping': {'patience': 3}, 'ema': {'decay': 0.7}},
    'early stopping that does not come': {**EARLY, 'epochs': 4, 'earlyStopping': {'patience': 30}},
}


def entry(tensor):
    return {'shape': list(tensor.shape), 'value': tensor.detach().flatten().tolist()}


def state(model):
    tensors = {n: t for n, t in model.state_dict().items() if not n.endswith('num_batches_tracked')}
    return {'.'.join(CAMEL.get(part, part) for part in n.split('.')): entry(t) for n, t in tensors.items()}


def accuracy(output, labels):
    return (output.argmax(1) == labels).double().mean().item()


def averager(decay=0.999, warmup=True):
    """tf.train.ExponentialMovingAverage's formula; the first call of AveragedModel copies and is not counted."""
    def average(averaged, weight, update):
        keep = min(decay, (1 + int(update)) / (10 + int(update))) if warmup else decay
        return keep * averaged + (1 - keep) * weight
    return average


def judge(model, loss_function, x, y, labels):
    with torch.no_grad():
        output = model.eval()(x)
    return {'loss': loss_function(output, y).item(), 'accuracy': accuracy(output, labels)}


def run(options):
    model = copy.deepcopy(MODEL)
    of = options.get
    mse = of('loss') == 'mse'
    loss_function = nn.functional.mse_loss if mse else nn.functional.cross_entropy
    y, validation_y = (TARGET, VALIDATION_TARGET) if mse else (LABELS, VALIDATION_LABELS)
    more = {'momentum': of('momentum')} if 'momentum' in options else {}
    optimizer = OPTIMIZERS[options['optimizer']](model.parameters(), lr=options['rate'], foreach=False, **more)
    decayed = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: 1 / (1 + of('decay', 0) * t))
    plateau = None
    if 'plateau' in options:
        plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **options['plateau'])
    averages = None
    if 'ema' in options:
        averages = AveragedModel(model, avg_fn=averager(**options['ema']))
        averages.update_parameters(model)
    early = of('earlyStopping')
    best, best_epoch, best_state, since = math.inf, None, None, 0
    rows_of_step = options['batchSize'] * of('gradientAccumulation', 1)
    rows = ROWS // rows_of_step * rows_of_step if of('dropLast') else ROWS
    steps, epochs = [], []
    for epoch in range(options['epochs']):
        model.train()
        if of('frozen'):
            model[1].eval()
        total = {'loss': 0, 'accuracy': 0}
        for first in range(0, rows, rows_of_step):
            end = min(rows, first + rows_of_step)
            optimizer.zero_grad()
            step = {'loss': 0, 'accuracy': 0}
            for start in range(first, end, options['batchSize']):
                batch = slice(start, min(end, start + options['batchSize']))
                output = model(X[batch])
                share = len(output) / (end - first)
                loss = share * loss_function(output, y[batch])
                loss.backward()
                step['loss'] += loss.item()
                step['accuracy'] += share * accuracy(output, LABELS[batch])
            norm = None
            if 'clipGradNorm' in options:
                norm = nn.utils.clip_grad_norm_(model.parameters(), of('clipGradNorm')).item()
            rate = optimizer.param_groups[0]['lr']
            optimizer.step()
            if plateau is None:
                decayed.step()
            if averages is not None:
                averages.update_parameters(model)
            for name in total:
                total[name] += step[name] * (end - first)
            steps.append({**step, 'lr': rate, 'gradNorm': norm})
        learnt = {name: value / rows for name, value in total.items()}
        judged = copy.deepcopy(model)
        if averages is not None:
            for weight, averaged in zip(judged.parameters(), averages.module.parameters()):
                weight.data.copy_(averaged)
        validation = None
        if of('validation'):
            validation = judge(judged, loss_function, VALIDATION_X, validation_y, VALIDATION_LABELS)
        epochs.append({**learnt, 'lr': rate, 'validation': validation})
        watched = (validation or learnt)[of('monitor', 'loss')]
        if plateau is not None:
            plateau.step(watched)
        if early is None:
            continue
        value = -watched if early.get('mode') == 'max' else watched
        if value < best - early.get('minDelta', 0):
            best, best_epoch, best_state, since = value, epoch, copy.deepcopy(judged.state_dict()), 0
        else:
            since += 1
            if since >= early['patience']:
                break
    if best_state is not None and early.get('restoreBest', True):
        model.load_state_dict(best_state)
    stopped = len(epochs) < options['epochs']
    print(f"{len(epochs):3} epochs, best {best_epoch}, rates {sorted({e['lr'] for e in epochs})}", end='  ')
    return {'steps': steps, 'epochs': epochs, 'stoppedEarly': stopped, 'bestEpoch': best_epoch, 'final': state(model),
            'averages': None if averages is None else [entry(p) for p in averages.module.parameters()]}


torch.manual_seed(8)
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
# No bias before batch normalisation: its gradient is nothing but rounding, which Adam would make steps of.
MODEL = nn.Sequential(nn.Linear(FEATURES, 5, bias=False), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, CLASSES))
X, VALIDATION_X = torch.randn(ROWS, FEATURES), torch.randn(VALIDATION_ROWS, FEATURES)
# Something to learn, with so much noise that more of it is learnt than the validation has.
RULE = torch.randn(FEATURES, CLASSES)
TARGET, VALIDATION_TARGET = (x @ RULE + 1.5 * torch.randn(len(x), CLASSES) for x in (X, VALIDATION_X))
LABELS, VALIDATION_LABELS = TARGET.argmax(1), VALIDATION_TARGET.argmax(1)
cases = []
for name, options in CASES.items():
    cases.append({'name': name, 'options': options, **run(options)})
    print(name)
golden = {
    'torch': torch.__version__,
    'initial': state(MODEL),
    'training': {'x': entry(X), 'labels': LABELS.tolist(), 'target': entry(TARGET)},
    'validation': {'x': entry(VALIDATION_X), 'labels': VALIDATION_LABELS.tolist(), 'target': entry(VALIDATION_TARGET)},
    'cases': cases,
}
pathlib.Path(__file__).with_suffix('.json').write_text(json.dumps(golden, allow_nan=False))
