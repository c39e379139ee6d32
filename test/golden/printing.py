"""Writes printing.json: what PyTorch prints, with the names that lockstep/nn has for the same."""
import json
import pathlib

import torch

torch.manual_seed(4)


def case(tensor):
    text = str(tensor)
    for torchs, ours in (('dtype=torch.float64', 'dtype=float64'), ('requires_grad=True', 'requiresGrad=true')):
        text = text.replace(torchs, ours)
    dtype = str(tensor.dtype).removeprefix('torch.')
    values = [x if abs(x) < float('inf') else str(x) for x in tensor.detach().flatten().tolist()]
    if len(values) > 1000:
        values = len(values)  # 0, 0.37, 0.74 ...
    return {'shape': list(tensor.shape), 'dtype': dtype, 'requiresGrad': tensor.requires_grad, 'values': values, 'text': text}


def ramp(*shape, dtype=torch.float32):
    size = torch.Size(shape).numel()
    return torch.tensor([i * 0.37 for i in range(size)], dtype=torch.float64).to(dtype).reshape(shape)


one = torch.tensor
cases = [
    one(1.5), one(2.0), one([0.0, 0.0]), one([1., 2., 3.]), one([1.5, -2.25]), one([[1., 20.], [300., -4.]]),
    one([1e-5, 1.0]), one([1e9, 1.0]), one([1e9, 2e9]), one([0.5, 600.0]), one([0.00005, 0.00004]), one([1., 1001.]),
    one([0.03125, 0.09375, -0.03125, 0.15625]), one([100005.0, 1.0]), one([float('nan'), 1.0, float('inf'), -float('inf')]),
    one([float('nan')]), one([-0.0, 0.5]), one([0.1, float('nan')]), one([1e-30, 1e30]), one([1e-200, 1e200], dtype=torch.float64),
    torch.randn(3, 4), torch.randn(2, 3, 4), torch.randn(2, 2, 2, 2), torch.randn(40), torch.randn(2, 28, dtype=torch.float64),
    torch.randn(2, 2, requires_grad=True), torch.randn(2, 2, dtype=torch.float64, requires_grad=True), torch.randn(1000),
    torch.randn(9, requires_grad=True), torch.randn(8, requires_grad=True), torch.randn(7, requires_grad=True),
    ramp(1001), ramp(40, 40), ramp(7, 5, 50, dtype=torch.float64), ramp(2, 600), ramp(600, 2),
    torch.full((3,), 1 / 3, dtype=torch.float64), one([9.9999999, 0.1]), one([99999999., 0.5e8]), one([1., 2.5], dtype=torch.float64),
]
path = pathlib.Path(__file__).with_name('printing.json')
path.write_text('[\n' + ',\n'.join(json.dumps(case(one)) for one in cases) + '\n]\n')
