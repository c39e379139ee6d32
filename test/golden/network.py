"""Writes network.json: a small network of every layer of lockstep/nn in float64, trained by plain gradient descent.

Initial state, inputs, the loss of every step, the gradients of the first, the final state and what it then computes in
evaluation. Names are those of lockstep/nn: runningMean for running_mean.
"""
import json
import pathlib

import torch
from torch import nn

STEPS, RATE = 5, 0.3
CAMEL = {'running_mean': 'runningMean', 'running_var': 'runningVar'}


class Residual(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, x):
        return x + self.body(x)


def entry(tensor):
    return {'shape': list(tensor.shape), 'value': tensor.detach().flatten().tolist()}


def state(model):
    tensors = {n: t for n, t in model.state_dict().items() if not n.endswith('num_batches_tracked')}
    return {'.'.join(CAMEL.get(part, part) for part in n.split('.')): entry(t) for n, t in tensors.items()}


torch.manual_seed(20)
torch.set_default_dtype(torch.float64)
model = nn.Sequential(
    nn.Linear(3, 6),
    nn.BatchNorm1d(6),
    nn.ReLU(),
    Residual(nn.Sequential(nn.LayerNorm(6), nn.Linear(6, 9), nn.SiLU(), nn.Linear(9, 6, bias=False), nn.Tanh())),
    nn.Sigmoid(),
    nn.Linear(6, 4),
)
x = torch.randn(7, 3)
labels = torch.randint(0, 4, (7,))
target = torch.randn(7, 4)
golden = {'rate': RATE, 'x': entry(x), 'labels': labels.tolist(), 'target': entry(target), 'initial': state(model)}
losses = []
for step in range(STEPS):
    y = model(x)
    loss = nn.functional.cross_entropy(y, labels) + nn.functional.mse_loss(y, target)
    losses.append(loss.item())
    model.zero_grad()
    loss.backward()
    if step == 0:
        golden['gradients'] = {n: p.grad.flatten().tolist() for n, p in model.named_parameters()}
    with torch.no_grad():
        for p in model.parameters():
            p -= RATE * p.grad
golden |= {'losses': losses, 'final': state(model), 'evaluated': entry(model.eval()(x))}
pathlib.Path(__file__).with_suffix('.json').write_text(json.dumps(golden))
