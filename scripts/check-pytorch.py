"""Reads what test/interop/round-trip.ts prints, and has PyTorch go on from there: `npm run check:pytorch`."""
import json
import pathlib
import re
import sys

root = pathlib.Path(__file__).parent.parent
golden = (root / 'test' / 'golden' / 'interop.py').read_text()
# The network and the optimizers, without writing the file.
exec(golden[: golden.rindex('golden = {')])
[code] = re.findall(r'```python\n(def optimizer_tensors.*?)\nsave_file', (root / 'docs' / 'pytorch.md').read_text(), re.S)
exec(code)


def tensors(entries):
    return {name: torch.tensor(entry['value']).reshape(entry['shape']) for name, entry in entries.items()}


worst = 0
for given, (name, make, options, others) in zip(json.load(sys.stdin), OPTIMIZERS, strict=True):
    assert given['options'] == {**options, **others}, given['options']
    net = Net()
    # The inputs are those of the file, not of this run.
    committed = json.loads((root / 'test' / 'golden' / 'interop.json').read_text())
    assert torch.equal(batch, last(torch.tensor(committed['batch']['value']).reshape(committed['batch']['shape']).movedim(-1, 1)).movedim(-1, 1))
    net.load_state_dict(tensors(given['before']))
    optimizer = make(net.parameters(), **options, **{THEIRS.get(key, key): value for key, value in others.items()})
    load_optimizer_tensors(net, optimizer, tensors(given['states']))
    back = optimizer_tensors(net, optimizer)
    assert back.keys() == given['states'].keys(), (name, back.keys())
    for _ in range(4):
        optimizer.zero_grad()
        net().backward()
        optimizer.step()
    after = tensors(given['after'])
    for key, value in net.state_dict().items():
        worst = max(worst, (value - after[key]).abs().max().item())
    assert worst <= 1e-12, (name, options, worst)
print(f'PyTorch {torch.__version__} goes on from {len(OPTIMIZERS)} optimizers as Lockstep does: to {worst:.1e}.')
