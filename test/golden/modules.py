"""Writes modules.json: activations with their slopes, and layers of a Transformer with what they give and their gradients for
a weighted sum of that, all in float64. Parameters are named as in lockstep/nn.
"""
import json
import pathlib
import re

import torch
from torch import nn

torch.manual_seed(41)
torch.set_default_dtype(torch.float64)


def numbers(*shape):
    return torch.round(torch.randn(shape) * 1000) / 1000


def entry(tensor):
    return {'shape': list(tensor.shape), 'value': tensor.detach().flatten().tolist()}


def named(layer, of):
    """By our names: PyTorch has the products of queries, keys and values in one matrix."""
    found = {}
    for name, parameter in layer.named_parameters():
        value = of(parameter)
        path = re.sub(r'_([a-z])', lambda match: match[1].upper(), re.sub(r'in_proj_|out_proj', '@', name))
        if 'in_proj_' in name:
            kind = name.split('in_proj_')[1]
            for part, piece in zip(['query', 'key', 'value'], value.chunk(3)):
                found[path.split('@')[0] + f'{part}.{kind}'] = entry(piece)
        else:
            found[path.replace('@', 'output')] = entry(value)
    return found


def activation(name, module, options):
    x = torch.cat([torch.linspace(-8, 8, 33), torch.tensor([-3.0, 3.0, 6.0, 0.0, 1e-3, -1e-3, 19.5])]).requires_grad_(True)
    y = module(x)
    y.sum().backward()
    return {'name': name, 'options': options, 'x': x.tolist(), 'y': y.tolist(), 'slope': x.grad.tolist()}


activations = [
    activation('LeakyReLU', nn.LeakyReLU(), {}),
    activation('LeakyReLU', nn.LeakyReLU(0.2), {'negativeSlope': 0.2}),
    activation('ELU', nn.ELU(), {}),
    activation('ELU', nn.ELU(0.3), {'alpha': 0.3}),
    activation('SELU', nn.SELU(), {}),
    activation('Softplus', nn.Softplus(), {}),
    activation('Softplus', nn.Softplus(2, 5), {'beta': 2, 'threshold': 5}),
    activation('Hardswish', nn.Hardswish(), {}),
    activation('Hardsigmoid', nn.Hardsigmoid(), {}),
    activation('Hardtanh', nn.Hardtanh(), {}),
    activation('Hardtanh', nn.Hardtanh(-3, 0.5), {'minVal': -3, 'maxVal': 0.5}),
    activation('ReLU6', nn.ReLU6(), {}),
    activation('Mish', nn.Mish(), {}),
    activation('LogSigmoid', nn.LogSigmoid(), {}),
    activation('Softsign', nn.Softsign(), {}),
    activation('Tanhshrink', nn.Tanhshrink(), {}),
    activation('PReLU', nn.PReLU(init=0.3), {'init': 0.3}),
]


def transformer(kind, options, inputs, masks=None, layers=None):
    norm_first = options.get('normFirst', False)
    settings = dict(dim_feedforward=7, dropout=0.0, batch_first=True, norm_first=norm_first)
    layer = getattr(nn, f'Transformer{kind}Layer')(4, 2, activation=options.get('activation', 'relu'), **settings)
    model = layer if layers is None else getattr(nn, f'Transformer{kind}')(layer, layers, norm=nn.LayerNorm(4))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(numbers(*parameter.shape))
    leaves = [x.requires_grad_(True) for x in inputs]
    masks = masks or {}
    camel = lambda name: re.sub(r'_([a-z])', lambda match: match[1].upper(), name)
    y = model(*leaves, **masks)
    seed = numbers(*y.shape)
    (y * seed).sum().backward()
    return {
        'kind': kind,
        'layers': layers,
        'options': {'dimFeedforward': 7, 'dropout': 0, **options},
        'inputs': [entry(x) for x in leaves],
        # Of PyTorch's booleans true is 1.
        'masks': {camel(n): {**entry(m.double()), 'isBool': m.dtype == torch.bool} for n, m in masks.items()},
        'parameters': named(model, lambda parameter: parameter),
        'output': entry(y),
        'seed': entry(seed),
        'gradients': {
            **{f'input{i}': entry(x.grad) for i, x in enumerate(leaves)},
            **named(model, lambda parameter: parameter.grad),
        },
    }


padding = torch.tensor([[False, False, True], [False, True, True]])
causal = torch.ones(3, 3, dtype=torch.bool).triu(1)
x, memory = lambda: numbers(2, 3, 4), lambda: numbers(2, 5, 4)
transformers = [
    transformer('Encoder', {}, [x()]),
    transformer('Encoder', {'normFirst': True, 'activation': 'gelu'}, [x()], {'src_mask': causal}),
    transformer('Encoder', {}, [x()], {'src_mask': numbers(3, 3), 'src_key_padding_mask': padding}),
    transformer('Encoder', {}, [x()], {'src_mask': numbers(4, 3, 3)}),
    transformer('Encoder', {}, [x()], {'mask': causal, 'src_key_padding_mask': padding}, layers=2),
    transformer('Decoder', {'normFirst': True}, [x(), memory()], {'tgt_mask': causal}),
    transformer(
        'Decoder',
        {},
        [x(), memory()],
        {
            'tgt_mask': numbers(3, 3),
            'memory_mask': numbers(3, 5),
            'tgt_key_padding_mask': padding,
            'memory_key_padding_mask': torch.tensor([[False] * 5, [True, False, False, True, False]]),
        },
        layers=2,
    ),
]
pathlib.Path(__file__).with_suffix('.json').write_text(json.dumps({'activations': activations, 'transformers': transformers}))
