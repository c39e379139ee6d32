"""Writes losses.json: the losses of lockstep/nn in all reductions, in float64, with the gradients of their inputs."""
import json
import pathlib

import torch
from torch.nn import functional as F

torch.manual_seed(31)
torch.set_default_dtype(torch.float64)
cases = []


def entry(value):
    if isinstance(value, torch.Tensor) and value.is_floating_point():
        kind = {} if value.requires_grad else {'constant': True}
        return {'shape': list(value.shape), 'value': value.detach().flatten().tolist()} | kind
    return value.flatten().tolist() if isinstance(value, torch.Tensor) else value


def short(value):
    """With few digits."""
    return (value * 64).round() / 64


def leaf(value):
    return short(value.detach()).requires_grad_()


def add(name, run, inputs, options=None, reductions=('mean', 'sum', 'none')):
    results = {}
    for reduction in reductions:
        for one in inputs:
            if isinstance(one, torch.Tensor):
                one.grad = None
        output = run(*inputs, reduction=reduction)
        seed = short(torch.randn(output.shape))
        (output * seed).sum().backward()
        grads = [getattr(one, 'grad', None) for one in inputs]
        results[reduction] = {
            'output': entry(output.detach()),
            'seed': seed.flatten().tolist(),
            'gradients': [None if grad is None else grad.flatten().tolist() for grad in grads],
        }
    cases.append({
        'loss': name,
        'options': {k: entry(v) for k, v in (options or {}).items()},
        'inputs': [entry(one) for one in inputs],
        'results': results,
    })


shape = (5, 4)
x, y = leaf(torch.randn(shape) * 2), leaf(torch.randn(shape) * 2)
with torch.no_grad():
    y[0] = x[0]
add('mse', F.mse_loss, [x, y])
add('l1', F.l1_loss, [x, y])
for beta in (1, 0.3, 0):
    # At beta 0 PyTorch's gradient of what is equal is -1, and ours 0.
    other = leaf(y + 0.5) if beta == 0 else y
    add('smoothL1', lambda a, b, reduction: F.smooth_l1_loss(a, b, beta=beta, reduction=reduction), [x, other], {'beta': beta})
for delta in (1, 0.3, 2.5):
    add('huber', lambda a, b, reduction: F.huber_loss(a, b, delta=delta, reduction=reduction), [x, y], {'delta': delta})

logits = leaf(torch.randn(shape) * 30)
probabilities = leaf(torch.rand(shape) * 0.9 + 0.05)
target = leaf(torch.rand(shape))
hard = (torch.rand(shape) > 0.5).double()
full, row, column = short(torch.rand(shape)), short(torch.rand(4) * 3), short(torch.rand(5, 1))
for t in (hard, target):
    for options in ({}, {'weight': full}, {'weight': column}, {'posWeight': row}, {'weight': row, 'posWeight': row}):
        named = {'pos_weight' if k == 'posWeight' else k: v for k, v in options.items()}
        add('bceWithLogits', lambda a, b, reduction: F.binary_cross_entropy_with_logits(a, b, reduction=reduction, **named),
            [logits, t], options)
edges = torch.tensor([[0.0, 1.0, 0.0, 1.0, 0.5, 1e-9]]).requires_grad_()
for options in ({}, {'weight': full}, {'weight': row}):
    add('bce', lambda a, b, reduction: F.binary_cross_entropy(a, b, reduction=reduction, **options), [probabilities, target], options)
add('bce', F.binary_cross_entropy, [edges, torch.tensor([[0.0, 1.0, 1.0, 0.0, 1.0, 0.3]])])

scores = leaf(torch.randn(6, 4) * 3)
labels = torch.tensor([0, 3, 2, 2, 1, 0])
classes = short(torch.rand(4) + 0.1)
soft = leaf(torch.softmax(torch.randn(6, 4), 1))
for options in ({}, {'weight': classes}, {'ignoreIndex': 2}, {'weight': classes, 'ignoreIndex': 2}):
    named = {'ignore_index' if k == 'ignoreIndex' else k: v for k, v in options.items()}
    add('nll', lambda a, b, reduction: F.nll_loss(a, b, reduction=reduction, **named), [scores, labels], options)
    for smoothing in (0, 0.2):
        more = options | {'labelSmoothing': smoothing}
        add('crossEntropy',
            lambda a, b, reduction: F.cross_entropy(a, b, reduction=reduction, label_smoothing=smoothing, **named),
            [scores, labels], more)
        if 'ignoreIndex' not in options:
            for probabilities_of in (soft, soft.detach()):
                add('crossEntropy',
                    lambda a, b, reduction: F.cross_entropy(a, b, reduction=reduction, label_smoothing=smoothing, **named),
                    [scores, probabilities_of], more)

log_probs = leaf(torch.log_softmax(torch.randn(6, 4), 1))
sparse = torch.tensor([[1.0, 0, 0, 0]] * 2 + [[0.5, 0.25, 0.25, 0]] * 4)
ALL = ('mean', 'sum', 'none', 'batchmean')
add('klDiv', F.kl_div, [log_probs, soft], reductions=ALL)
add('klDiv', F.kl_div, [log_probs, sparse], reductions=ALL)
log_target = leaf(torch.log_softmax(torch.randn(6, 4), 1))
add('klDiv', lambda a, b, reduction: F.kl_div(a, b, reduction=reduction, log_target=True), [log_probs, log_target],
    {'logTarget': True}, ALL)

signs = torch.where(hard > 0, 1.0, -1.0)
for margin in (1, 0.4):
    add('hingeEmbedding', lambda a, b, reduction: F.hinge_embedding_loss(a, b, margin=margin, reduction=reduction),
        [x, signs], {'margin': margin})
first, second = leaf(torch.randn(6, 4)), leaf(torch.randn(6, 4))
sides = torch.tensor([1.0, -1, -1, 1, -1, -1])
for margin in (0, 0.3, -0.5):
    add('cosineEmbedding', lambda a, b, c, reduction: F.cosine_embedding_loss(a, b, c, margin=margin, reduction=reduction),
        [first, second, sides], {'margin': margin})
third = leaf(torch.randn(6, 4))
for p in (1, 2, 3, 1.5, float('inf')):
    for swap in (False, True):
        options = {'margin': 1.5, 'p': p, 'swap': swap}
        shown = options | {'p': 'Infinity' if p == float('inf') else p}
        add('tripletMargin', lambda a, b, c, reduction: F.triplet_margin_loss(a, b, c, reduction=reduction, **options),
            [first, second, third], shown)

emissions = leaf(torch.randn(9, 4, 5))
joined, lengths = torch.tensor([1, 1, 2, 3, 4, 4, 4, 2]), torch.tensor([3, 1, 4, 0])
steps = torch.tensor([9, 5, 8, 3])
padded = torch.tensor([[1, 1, 2, 0], [3, 0, 0, 0], [4, 4, 4, 2], [1, 2, 3, 4]])
other = torch.where(padded == 0, 1, padded)


def ctc(**options):
    return lambda a, b, c, d, reduction: F.ctc_loss(torch.log_softmax(a, -1), b, c, d, reduction=reduction, **options)


# Of logits, to which both sides apply logSoftmax: see the documentation of ctc.
add('ctc', ctc(), [emissions, joined, steps, lengths])
add('ctc', ctc(), [emissions, other, steps, lengths])
add('ctc', ctc(blank=4), [emissions, joined[:4], torch.tensor([9, 5, 8, 3]), torch.tensor([2, 1, 1, 0])], {'blank': 4})
add('ctc', ctc(zero_infinity=True), [emissions, joined, torch.tensor([9, 5, 6, 3]), lengths], {'zeroInfinity': True})
pathlib.Path(__file__).with_suffix('.json').write_text(json.dumps({'torch': torch.__version__, 'cases': cases}))
