"""Writes attention.json: torch.nn.MultiheadAttention in float64, with what it gives and its gradients for a weighted sum of
that. Parameters are named as in lockstep/nn: PyTorch has those of queries, keys and values in one matrix.
"""
import json
import pathlib

import torch
from torch import nn

torch.manual_seed(34)
torch.set_default_dtype(torch.float64)


def numbers(*shape):
    return torch.round(torch.randn(shape) * 1000) / 1000


def entry(tensor):
    return {'shape': list(tensor.shape), 'value': tensor.detach().flatten().tolist()}


def parameters_of(layer, of):
    names = ['query', 'key', 'value']
    found = {}
    for kind, together in [('weight', layer.in_proj_weight), ('bias', layer.in_proj_bias)]:
        if together is not None:
            found.update({f'{n}.{kind}': part for n, part in zip(names, of(together).chunk(3))})
    found['output.weight'] = of(layer.out_proj.weight)
    if layer.out_proj.bias is not None:
        found['output.bias'] = of(layer.out_proj.bias)
    return found


def case(dimension, heads, batch, positions, others=None, causal=False, bias=True):
    layer = nn.MultiheadAttention(dimension, heads, bias=bias, batch_first=True)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(numbers(*parameter.shape))
    leaves = {'x': numbers(batch, positions, dimension)}
    if others is not None:
        leaves['context'] = numbers(batch, others, dimension)
    for leaf in leaves.values():
        leaf.requires_grad_(True)
    context = leaves.get('context', leaves['x'])
    mask = torch.ones(positions, context.shape[1], dtype=torch.bool).triu(1) if causal else None
    y, _ = layer(leaves['x'], context, context, attn_mask=mask, need_weights=False)
    seed = numbers(*y.shape)
    (y * seed).sum().backward()
    gradients = {**{n: t.grad for n, t in leaves.items()}, **parameters_of(layer, lambda parameter: parameter.grad)}
    return {
        'dimension': dimension,
        'heads': heads,
        'options': {'causal': causal, 'bias': bias},
        'inputs': {n: entry(t) for n, t in leaves.items()},
        'parameters': {n: entry(t) for n, t in parameters_of(layer, lambda parameter: parameter).items()},
        'output': entry(y),
        'seed': entry(seed),
        'gradients': {n: entry(t) for n, t in gradients.items()},
    }


cases = [
    case(6, 2, batch=2, positions=5),
    case(6, 3, batch=2, positions=4, causal=True),
    case(8, 1, batch=1, positions=3, others=7, bias=False),
    case(4, 2, batch=1, positions=6, others=3, causal=True),
    # More queries than a block has.
    case(4, 2, batch=2, positions=40, causal=True),
]
pathlib.Path(__file__).with_suffix('.json').write_text(json.dumps(cases))
