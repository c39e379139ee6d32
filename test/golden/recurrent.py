"""Writes recurrent.json: torch.nn.RNN, LSTM and GRU and their cells in float64, with what they give and their gradients for a
weighted sum of all of it. Names are those of lockstep/nn.
"""
import json
import pathlib
import re

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.manual_seed(71)
torch.set_default_dtype(torch.float64)


def numbers(*shape):
    return torch.round(torch.randn(shape) * 1000) / 1000


def entry(tensor):
    return {'shape': list(tensor.shape), 'value': tensor.detach().flatten().tolist()}


def camel(name):
    return re.sub('_(.)', lambda match: match[1].upper(), name)


def states_of(hidden):
    return {'h': hidden[0], 'c': hidden[1]} if isinstance(hidden, tuple) else {'h': hidden}


def python_name(option):
    return re.sub('[A-Z]', lambda match: '_' + match[0].lower(), option)


def case(kind, x_shape, hidden_shape=None, lengths=None, **options):
    layer = getattr(nn, kind)(3, 4, **{python_name(option): value for option, value in options.items()})
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(numbers(*parameter.shape) * 0.5)
    inputs = {'x': numbers(*x_shape)}
    if hidden_shape is not None:
        inputs.update({name: numbers(*hidden_shape) for name in ('hc' if kind.startswith('LSTM') else 'h')})
    for leaf in inputs.values():
        leaf.requires_grad_(True)
    hidden = (inputs['h'], inputs['c']) if 'c' in inputs else inputs.get('h')
    x = inputs['x']
    batch_first = options.get('batchFirst', False)
    if lengths is not None:
        is_sorted = lengths == sorted(lengths, reverse=True)
        x = pack_padded_sequence(x, lengths, batch_first=batch_first, enforce_sorted=is_sorted)
    given = layer(x) if hidden is None else layer(x, hidden)
    if kind.endswith('Cell'):
        outputs = states_of(given)
    else:
        output, last = given
        if lengths is not None:
            output, _ = pad_packed_sequence(output, batch_first=batch_first)
        outputs = {'output': output, **states_of(last)}
    seeds = {name: numbers(*one.shape) for name, one in outputs.items()}
    sum((one * seeds[name]).sum() for name, one in outputs.items()).backward()
    return {
        'kind': kind,
        'options': options,
        'lengths': lengths,
        'inputs': {name: entry(leaf) for name, leaf in inputs.items()},
        'parameters': {camel(name): entry(one) for name, one in layer.named_parameters()},
        'outputs': {name: entry(one) for name, one in outputs.items()},
        'seeds': {name: entry(one) for name, one in seeds.items()},
        'gradients': {
            **{name: entry(leaf.grad) for name, leaf in inputs.items()},
            **{camel(name): entry(one.grad) for name, one in layer.named_parameters()},
        },
    }


cases = []
for kind, options in [('RNN', {}), ('RNN', {'nonlinearity': 'relu'}), ('LSTM', {}), ('GRU', {})]:
    cases += [
        case(kind, (5, 2, 3), **options),
        case(kind, (5, 3), (1, 4), **options),
        case(kind, (2, 5, 3), (2, 2, 4), numLayers=2, batchFirst=True, **options),
        case(kind, (4, 3, 3), (2, 3, 4), bidirectional=True, **options),
        case(kind, (4, 3, 3), (4, 3, 4), numLayers=2, bidirectional=True, bias=False, **options),
        case(kind, (6, 4, 3), (1, 4, 4), [6, 3, 3, 1], **options),
        case(kind, (4, 6, 3), (4, 4, 4), [2, 5, 1, 5], numLayers=2, bidirectional=True, batchFirst=True, **options),
        case(f'{kind}Cell', (3, 3), (3, 4), **options),
        case(f'{kind}Cell', (3,), None, bias=False, **options),
    ]
pathlib.Path(__file__).with_suffix('.json').write_text(json.dumps(cases))
