"""Writes images.json: layers over images in float64, each with what it gives and its gradients for a weighted sum of that.

PyTorch has channels second; all that is written here has them last, as lockstep/nn: images [batch, height, width, channels],
weights [outputs, height, width, channels]. Options are named as there.
"""
import json
import pathlib

import torch
from torch import nn
from torch.nn import functional

torch.manual_seed(21)
torch.set_default_dtype(torch.float64)


def numbers(*shape):
    return torch.round(torch.randn(shape) * 1000) / 1000


def last(tensor):
    moved = tensor.detach().permute(0, 2, 3, 1) if tensor.dim() == 4 else tensor.detach()
    return {'shape': list(moved.shape), 'value': moved.flatten().tolist()}


def case(kind, options, function, x, **parameters):
    leaves = {'x': x, **{n: p for n, p in parameters.items() if p is not None}}
    for leaf in leaves.values():
        leaf.requires_grad_(True)
    y = function(x)
    seed = numbers(*y.shape)
    (y * seed).sum().backward()
    return {
        'kind': kind,
        'options': options,
        'inputs': {n: last(t) for n, t in leaves.items()},
        'output': last(y),
        'seed': last(seed),
        'gradients': {n: last(t.grad) for n, t in leaves.items()},
    }


def convolution(shape, outputs, kernel, bias=True, groups=1, **options):
    x, weight = numbers(*shape), numbers(outputs, shape[1] // groups, *kernel)
    b = numbers(outputs) if bias else None
    torch_options = {n: tuple(v) if isinstance(v, list) else v for n, v in options.items()}
    return case('conv2d', {**options, 'groups': groups},
                lambda x: functional.conv2d(x, weight, b, groups=groups, **torch_options), x, weight=weight, bias=b)


def pool(kind, shape, function, **options):
    names = {'kernel': 'kernel_size', 'ceilMode': 'ceil_mode', 'countIncludePad': 'count_include_pad'}
    torch_options = {names.get(n, n): tuple(v) if isinstance(v, list) else v for n, v in options.items()}
    return case(kind, options, lambda x: function(x, **torch_options), numbers(*shape))


def norm(kind, options, layer, shape):
    with torch.no_grad():
        layer.weight.copy_(numbers(*layer.weight.shape))
        layer.bias.copy_(numbers(*layer.bias.shape))
    entry = case(kind, options, layer, numbers(*shape), weight=layer.weight, bias=layer.bias)
    if kind == 'batchNorm2d':
        entry['running'] = {'runningMean': last(layer.running_mean), 'runningVar': last(layer.running_var)}
    return entry


maximum, mean = functional.max_pool2d, functional.avg_pool2d
cases = [
    convolution((2, 1, 6, 5), 4, (3, 3), padding=1),
    convolution((2, 3, 7, 6), 5, (3, 2), bias=False, stride=[2, 1], padding=[1, 0]),
    convolution((1, 4, 8, 9), 6, (3, 3), groups=2, dilation=[2, 1], padding=[2, 3]),
    convolution((2, 9, 5, 6), 9, (3, 3), groups=9, stride=2, padding=1),
    convolution((1, 2, 5, 4), 4, (3, 3), groups=2, padding=1),
    convolution((1, 3, 4, 7), 2, (2, 4), padding='same', dilation=[1, 2]),
    convolution((1, 3, 4, 4), 2, (3, 3), padding='valid'),
    convolution((2, 40, 3, 3), 7, (3, 3), padding=1),
    convolution((3, 5, 2, 3), 4, (1, 1)),
    pool('maxPool2d', (2, 3, 6, 7), maximum, kernel=2),
    pool('maxPool2d', (1, 9, 8, 7), maximum, kernel=[3, 2], stride=[2, 1], padding=[1, 1], dilation=[2, 1]),
    pool('maxPool2d', (1, 2, 8, 7), maximum, kernel=3, stride=2, padding=1, ceilMode=True),
    pool('avgPool2d', (2, 3, 6, 7), mean, kernel=2),
    pool('avgPool2d', (1, 9, 8, 8), mean, kernel=[3, 2], stride=[2, 1], padding=[1, 1]),
    pool('avgPool2d', (1, 2, 8, 8), mean, kernel=3, stride=2, padding=1, ceilMode=True),
    pool('avgPool2d', (1, 2, 8, 8), mean, kernel=3, stride=2, padding=1, ceilMode=True, countIncludePad=False),
    norm('batchNorm2d', {'eps': 1e-3, 'momentum': 0.2}, nn.BatchNorm2d(3, eps=1e-3, momentum=0.2), (2, 3, 4, 5)),
    norm('groupNorm', {'groups': 1}, nn.GroupNorm(1, 6), (2, 6, 3, 4)),
    norm('groupNorm', {'groups': 3}, nn.GroupNorm(3, 6), (2, 6, 3, 4)),
    norm('groupNorm', {'groups': 6}, nn.GroupNorm(6, 6), (2, 6, 3, 4)),
]
pathlib.Path(__file__).with_suffix('.json').write_text(json.dumps(cases))
