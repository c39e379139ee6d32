"""Writes shapes.json: functions of shape and index in float64, each with what it gives and its gradients for a weighted sum of that.

Calls are named and ordered as in lockstep/nn.
"""
import json
import pathlib

import torch
from torch.nn import functional

torch.manual_seed(8)
torch.set_default_dtype(torch.float64)


def numbers(*shape):
    return torch.round(torch.randn(shape) * 1000) / 1000


def entry(tensor):
    return {'shape': list(tensor.shape), 'value': tensor.detach().flatten().tolist()}


def case(name, function, inputs, *args, outputs=1):
    """`args`: as lockstep/nn takes them behind the inputs; `function` takes tensors, and gives one, or a list of them."""
    for one in inputs:
        one.requires_grad_(True)
    found = function(*inputs)
    results = list(found) if isinstance(found, (list, tuple)) else [found]
    seeds = [numbers(*one.shape) for one in results]
    sum((one * seed).sum() for one, seed in zip(results, seeds)).backward()
    return {
        'name': name,
        'args': list(args),
        'inputs': [entry(one) for one in inputs],
        'outputs': [entry(one) for one in results],
        'seeds': [entry(one) for one in seeds],
        'gradients': [entry(one.grad) for one in inputs],
    }


def repeated(*values):
    return torch.tensor(values)


def padded(shape, widths, mode):
    return case('pad', lambda x: functional.pad(x, widths, mode=mode), [numbers(*shape)], widths, {'mode': mode})


pairs = [[2, 0, 1], [1, 1, 0]]
cases = [
    case('cat', lambda *t: torch.cat(t), [numbers(2, 3), numbers(1, 3), numbers(4, 3)]),
    case('cat', lambda *t: torch.cat(t, -1), [numbers(2, 2, 3), numbers(2, 2, 1)], -1),
    case('stack', lambda *t: torch.stack(t), [numbers(2, 3), numbers(2, 3)]),
    case('stack', lambda *t: torch.stack(t, -1), [numbers(2, 3), numbers(2, 3), numbers(2, 3)], -1),
    case('split', lambda x: torch.split(x, 2, 1), [numbers(2, 5)], 2, 1),
    case('split', lambda x: torch.split(x, [1, 3]), [numbers(4, 2)], [1, 3]),
    case('chunk', lambda x: torch.chunk(x, 4), [numbers(6, 2)], 4),
    case('chunk', lambda x: torch.chunk(x, 3, -1), [numbers(2, 7)], 3, -1),
    case('unbind', lambda x: torch.unbind(x, 1), [numbers(2, 3, 2)], 1),
    case('narrow', lambda x: torch.narrow(x, 1, 1, 2), [numbers(2, 4, 2)], 1, 1, 2),
    case('select', lambda x: torch.select(x, -1, -2), [numbers(2, 4, 3)], -1, -2),
    case('slice', lambda x: x[:, 1:6:2], [numbers(2, 7)], 1, 1, 6, 2),
    case('slice', lambda x: x[-3:], [numbers(5, 2)], 0, -3),
    case('slice', lambda x: x.flip(0)[1:4:2], [numbers(5, 2)], 0, 3, 0, -2),
    case('flip', lambda x: torch.flip(x, [0, 2]), [numbers(2, 3, 4)], [0, 2]),
    case('roll', lambda x: torch.roll(x, 4), [numbers(2, 3)], 4),
    case('roll', lambda x: torch.roll(x, [1, -2], [0, 1]), [numbers(3, 5)], [1, -2], [0, 1]),
    case('expand', lambda x: x.expand(2, -1, 4).clone(), [numbers(3, 1)], [2, -1, 4]),
    case('tile', lambda x: torch.tile(x, (2, 3)), [numbers(2, 1, 2)], [2, 3]),
    case('repeat', lambda x: x.repeat(2, 1, 3), [numbers(2, 3)], [2, 1, 3]),
    case('squeeze', lambda x: x.squeeze(), [numbers(1, 3, 1, 2)]),
    case('squeeze', lambda x: x.squeeze(1), [numbers(1, 3, 1, 2)], 1),
    case('unsqueeze', lambda x: x.unsqueeze(-1), [numbers(3, 2)], -1),
    case('pad', lambda x: functional.pad(x, [1, 2, 0, 3], value=0.5), [numbers(2, 3)], [1, 2, 0, 3], {'value': 0.5}),
    case('pad', lambda x: functional.pad(x, [-1, 2]), [numbers(2, 3)], [-1, 2]),
    padded((1, 2, 3, 4), [3, 2, 1, 2], 'reflect'),
    padded((1, 2, 3, 4), [5, 2, 1, 4], 'replicate'),
    padded((1, 2, 3, 4), [4, 2, 1, 3], 'circular'),
    case('gather', lambda x: torch.gather(x, 0, repeated(*pairs)), [numbers(3, 3)], 0,
         {'shape': [2, 3], 'value': [2, 0, 1, 1, 1, 0]}),
    case('gather', lambda x: torch.gather(x, -1, repeated(*pairs)), [numbers(4, 3)], -1,
         {'shape': [2, 3], 'value': [2, 0, 1, 1, 1, 0]}),
    case('indexSelect', lambda x: torch.index_select(x, 1, repeated(2, 0, 2)), [numbers(2, 3, 2)], 1, [2, 0, 2]),
    case('indexSelect', lambda x: torch.index_select(x, 0, repeated(1, 1)), [numbers(2, 3)], 0, [1, 1]),
    case('cumsum', lambda x: torch.cumsum(x, 1), [numbers(2, 5, 2)], 1),
    case('cumprod', lambda x: torch.cumprod(x, -1), [numbers(2, 5)], -1),
    case('cumprod', lambda x: torch.cumprod(x, 0), [torch.tensor([2., 0., 3., 0., 5.])], 0),
    case('sort', lambda x: torch.sort(x, 0).values, [numbers(5, 2)], {'axis': 0}),
    case('sort', lambda x: torch.sort(x, descending=True).values, [numbers(2, 6)], {'descending': True}),
    case('topk', lambda x: torch.topk(x, 3).values, [numbers(2, 6)], 3),
    case('topk', lambda x: torch.topk(x, 2, 0, False).values, [numbers(5, 2)], 2, {'axis': 0, 'largest': False}),
    case('tril', lambda x: torch.tril(x), [numbers(2, 3, 4)]),
    case('tril', lambda x: torch.tril(x, 1), [numbers(4, 3)], 1),
    case('triu', lambda x: torch.triu(x, -1), [numbers(4, 3)], -1),
]

path = pathlib.Path(__file__).with_name('shapes.json')
path.write_text('[\n' + ',\n'.join(json.dumps(one) for one in cases) + '\n]\n')
