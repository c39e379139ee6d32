"""Writes layers.json: layers over sequences and images in float64, each with what it gives and its gradients for a weighted sum
of that.

PyTorch has channels second; all that is written here has them last, as lockstep/nn: sequences [batch, length, channels], images
[batch, height, width, channels], weights [first, (height,) width, channels]. Options are named as there.
"""
import json
import pathlib

import torch
from torch import nn
from torch.nn import functional

torch.manual_seed(22)
torch.set_default_dtype(torch.float64)


def numbers(*shape):
    return torch.round(torch.randn(shape) * 1000) / 1000


def last(tensor):
    order = {3: (0, 2, 1), 4: (0, 2, 3, 1)}.get(tensor.dim())
    moved = tensor.detach().permute(order) if order else tensor.detach()
    return {'shape': list(moved.shape), 'value': moved.flatten().tolist()}


def case(kind, options, function, write=last, **leaves):
    leaves = {n: p for n, p in leaves.items() if p is not None}
    for leaf in leaves.values():
        leaf.requires_grad_(True)
    y = function(*leaves.values())
    seed = numbers(*y.shape)
    (y * seed).sum().backward()
    return {
        'kind': kind,
        'options': options,
        'inputs': {n: write(t) for n, t in leaves.items()},
        'output': write(y),
        'seed': write(seed),
        'gradients': {n: write(t.grad) for n, t in leaves.items()},
    }


def named(options):
    names = {'outputPadding': 'output_padding', 'kernel': 'kernel_size', 'ceilMode': 'ceil_mode',
             'countIncludePad': 'count_include_pad', 'scaleFactor': 'scale_factor', 'alignCorners': 'align_corners'}
    return {names.get(n, n): tuple(v) if isinstance(v, list) else v for n, v in options.items()}


def convolution(kind, shape, outputs, kernel, bias=True, **options):
    groups = options.get('groups', 1)
    transposed = kind.startswith('convT')
    first, second = (shape[1], outputs // groups) if transposed else (outputs, shape[1] // groups)
    functions = {'conv1d': functional.conv1d, 'convTranspose1d': functional.conv_transpose1d,
                 'convTranspose2d': functional.conv_transpose2d}
    return case(kind, options, lambda x, w, b=None: functions[kind](x, w, b, **named(options)),
                x=numbers(*shape), weight=numbers(first, second, *kernel), bias=numbers(outputs) if bias else None)


def unary(kind, function, shape, **options):
    return case(kind, options, lambda x: function(x, **named(options)), x=numbers(*shape))


def norm(kind, layer, shape, **options):
    return case(kind, options, lambda x, w, b: torch.nn.utils.stateless.functional_call(layer, {'weight': w, 'bias': b}, (x,)),
                x=numbers(*shape), weight=numbers(shape[1]), bias=numbers(shape[1]))


def tracked(kind, layer, shape, **options):
    """In evaluation, behind two batches of training."""
    batches = [numbers(*shape), numbers(*shape)]
    for batch in batches:
        layer(batch)
    layer.eval()
    whole = case(kind, {**options, 'trackRunningStats': True}, layer, x=numbers(*shape))
    return {**whole, 'batches': [last(batch) for batch in batches]}


def plain(tensor):
    return {'shape': list(tensor.shape), 'value': tensor.detach().flatten().tolist()}


def adaptive(kind, function, shape, size):
    return case(kind, {'outputSize': size}, lambda x: function(x, tuple(size) if isinstance(size, list) else size),
                x=numbers(*shape))


max1d, max2d = functional.adaptive_max_pool1d, functional.adaptive_max_pool2d
interpolate, mean1d, mean2d = functional.interpolate, functional.adaptive_avg_pool1d, functional.adaptive_avg_pool2d
cases = [
    convolution('conv1d', (2, 3, 9), 4, (3,), padding=1),
    convolution('conv1d', (2, 4, 11), 6, (4,), bias=False, stride=2, padding=2, groups=2),
    convolution('conv1d', (1, 6, 10), 6, (3,), padding='same', dilation=2, groups=6),
    convolution('convTranspose1d', (2, 3, 5), 4, (3,)),
    convolution('convTranspose1d', (1, 4, 6), 6, (4,), bias=False, stride=3, padding=2, outputPadding=2, groups=2),
    convolution('convTranspose1d', (2, 9, 4), 9, (3,), stride=2, dilation=2, outputPadding=1, groups=9),
    convolution('convTranspose2d', (2, 3, 4, 3), 5, (3, 2), padding=1),
    convolution('convTranspose2d', (1, 4, 3, 4), 6, (3, 3), stride=2, padding=1, outputPadding=1, groups=2),
    convolution('convTranspose2d', (1, 2, 3, 2), 4, (2, 3), stride=[2, 3], dilation=[3, 1], outputPadding=[2, 1]),
    convolution('convTranspose2d', (2, 8, 3, 3), 8, (3, 3), bias=False, stride=2, padding=1, groups=8),
    unary('maxPool1d', functional.max_pool1d, (2, 3, 9), kernel=2),
    unary('maxPool1d', functional.max_pool1d, (1, 9, 8), kernel=3, stride=2, padding=1, dilation=2, ceilMode=True),
    unary('avgPool1d', functional.avg_pool1d, (2, 3, 9), kernel=2),
    unary('avgPool1d', functional.avg_pool1d, (1, 9, 8), kernel=3, stride=2, padding=1, ceilMode=True,
          countIncludePad=False),
    adaptive('adaptiveAvgPool1d', mean1d, (2, 3, 12), 4),
    adaptive('adaptiveAvgPool1d', mean1d, (2, 3, 7), 5),
    adaptive('adaptiveAvgPool2d', mean2d, (2, 3, 6, 8), [3, 2]),
    adaptive('adaptiveAvgPool2d', mean2d, (2, 3, 7, 5), 3),
    adaptive('adaptiveAvgPool2d', mean2d, (1, 2, 6, 5), [4, None]),
    adaptive('adaptiveAvgPool2d', mean2d, (1, 2, 2, 3), 5),
    unary('interpolate', interpolate, (2, 3, 4, 5), scaleFactor=2),
    unary('interpolate', interpolate, (1, 2, 5, 7), size=[8, 4]),
    unary('interpolate', interpolate, (2, 3, 5), scaleFactor=3),
    unary('interpolate', interpolate, (2, 3, 4, 5), scaleFactor=2, mode='bilinear'),
    unary('interpolate', interpolate, (1, 2, 5, 7), size=[8, 4], mode='bilinear', alignCorners=False),
    unary('interpolate', interpolate, (1, 2, 5, 7), size=[8, 4], mode='bilinear', alignCorners=True),
    unary('interpolate', interpolate, (1, 2, 5, 7), size=[1, 1], mode='bilinear', alignCorners=True),
    unary('interpolate', interpolate, (2, 3, 5), size=8, mode='linear'),
    unary('interpolate', interpolate, (2, 3, 5), scaleFactor=2, mode='linear', alignCorners=True),
    norm('InstanceNorm1d', nn.InstanceNorm1d(3, affine=True, eps=1e-3), (2, 3, 5), eps=1e-3),
    norm('InstanceNorm2d', nn.InstanceNorm2d(3, affine=True), (2, 3, 4, 5)),
    norm('BatchNorm1d', nn.BatchNorm1d(3), (2, 3, 5)),
    case('bilinear', {}, functional.bilinear, plain, x1=numbers(2, 3, 4), x2=numbers(2, 3, 5), weight=numbers(6, 4, 5),
         bias=numbers(6)),
    case('bilinear', {}, functional.bilinear, plain, x1=numbers(3, 4), x2=numbers(3, 2), weight=numbers(1, 4, 2)),
    adaptive('adaptiveMaxPool1d', max1d, (2, 3, 12), 4),
    adaptive('adaptiveMaxPool1d', max1d, (2, 3, 7), 5),
    adaptive('adaptiveMaxPool2d', max2d, (2, 3, 6, 8), [3, 2]),
    adaptive('adaptiveMaxPool2d', max2d, (2, 3, 7, 5), 3),
    adaptive('adaptiveMaxPool2d', max2d, (1, 2, 6, 5), [4, None]),
    case('adaptiveMaxPool2d', {'outputSize': 2}, lambda x: max2d(x, 2), x=torch.ones(1, 1, 3, 3)),
    tracked('InstanceNorm1d', nn.InstanceNorm1d(3, track_running_stats=True, momentum=0.3), (2, 3, 5), momentum=0.3),
    tracked('InstanceNorm2d', nn.InstanceNorm2d(3, track_running_stats=True), (2, 3, 4, 5)),
]
pathlib.Path(__file__).with_suffix('.json').write_text(json.dumps(cases))
