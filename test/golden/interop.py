"""Writes interop.json: networks of PyTorch's layers with their state dictionaries, and what they give in evaluation; and
optimizers in the middle of a training with their states, and the parameters some steps later. All in float64.
"""
import json
import pathlib

import torch
from torch import nn

torch.manual_seed(43)
torch.set_default_dtype(torch.float64)


def numbers(*shape):
    return torch.round(torch.randn(shape) * 1000) / 1000


def entry(tensor):
    return {'shape': list(tensor.shape), 'value': tensor.detach().flatten().tolist()}


def last(tensor):
    """Channels last, where there are some."""
    return tensor.movedim(1, -1).contiguous() if tensor.dim() > 2 else tensor


def filled(model):
    """With numbers of few digits, and running statistics that are not those at the start."""
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if name.endswith('num_batches_tracked'):
                tensor.fill_(3)
            else:
                tensor.copy_(numbers(*tensor.shape).abs() + 0.1 if 'running_var' in name else numbers(*tensor.shape) / 2)
    return model


def state(model):
    return {name: {**entry(tensor), 'counts': not tensor.is_floating_point()} for name, tensor in model.state_dict().items()}


class Named(nn.Module):
    """Several networks side by side, each with an input of its own."""

    def __init__(self, **modules):
        super().__init__()
        for name, module in modules.items():
            setattr(self, name, module)


images = nn.Sequential(
    nn.Conv2d(2, 4, (3, 2), stride=(2, 1), padding=(1, 0), groups=2),
    nn.BatchNorm2d(4),
    nn.ReLU(),
    nn.ConvTranspose2d(4, 6, 2, stride=2, groups=2),
    nn.GroupNorm(2, 6),
    nn.InstanceNorm2d(6, affine=True),
    nn.PReLU(6),
    nn.MaxPool2d(2),
    nn.Conv2d(6, 3, 1, bias=False),
    nn.BatchNorm2d(3, affine=False),
    nn.Flatten(),
    nn.Dropout(),
    nn.Linear(3 * 3 * 4, 5),
)
sequences = nn.Sequential(
    nn.Conv1d(2, 4, 3, padding=1),
    nn.BatchNorm1d(4),
    nn.ConvTranspose1d(4, 3, 2, stride=2),
    nn.InstanceNorm1d(3),
    nn.Flatten(),
    nn.Linear(3 * 10, 2),
)
decoder = nn.TransformerDecoder(
    nn.TransformerDecoderLayer(4, 2, 6, batch_first=True, norm_first=True), 2, norm=nn.LayerNorm(4)
)
encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 6, batch_first=True, activation='gelu'), 2)

model = filled(
    Named(
        images=images,
        sequences=sequences,
        encoder=encoder,
        decoder=decoder,
        attention=nn.MultiheadAttention(4, 2, bias=False, batch_first=True),
        lstm=nn.LSTM(3, 4, num_layers=2, bidirectional=True),
        gru=nn.GRU(3, 4, batch_first=True),
        rnn=nn.RNN(3, 4, nonlinearity='relu', bias=False),
        lstmCell=nn.LSTMCell(3, 4),
        gruCell=nn.GRUCell(3, 4),
        words=nn.Embedding(7, 4),
        bilinear=nn.Bilinear(2, 3, 4),
        norm=nn.LayerNorm([3, 4], elementwise_affine=False),
    )
).eval()

x = {
    'images': numbers(2, 2, 5, 5),
    'sequences': numbers(2, 2, 5),
    'encoder': numbers(2, 3, 4),
    'memory': numbers(2, 5, 4),
    'steps': numbers(3, 2, 3),
    'pairs': numbers(2, 2),
}
# With gradients: the fast path without them takes no attention without a bias.
outputs = {
    'images': model.images(x['images']),
    'sequences': model.sequences(x['sequences']),
    'encoder': model.encoder(x['encoder']),
    'decoder': model.decoder(x['encoder'], x['memory']),
    'attention': model.attention(x['encoder'], x['encoder'], x['encoder'])[0],
    'lstm': model.lstm(x['steps'])[0],
    'gru': model.gru(x['steps'])[0],
    'rnn': model.rnn(x['steps'])[0],
    'lstmCell': model.lstmCell(x['steps'][0])[0],
    'gruCell': model.gruCell(x['steps'][0]),
    'words': model.words(torch.tensor([0, 6, 3])),
    'bilinear': model.bilinear(x['pairs'], x['steps'][0]),
    'norm': model.norm(x['encoder']),
}
channels_second = ('images', 'sequences')

OPTIMIZERS = [
    ('SGD', torch.optim.SGD, {}, {'lr': 0.05}),
    ('SGD', torch.optim.SGD, {'momentum': 0.9, 'dampening': 0.2}, {'lr': 0.05}),
    ('Adagrad', torch.optim.Adagrad, {}, {'lr': 0.05, 'lrDecay': 0.1}),
    ('Adadelta', torch.optim.Adadelta, {}, {'lr': 0.5}),
    ('RMSprop', torch.optim.RMSprop, {'momentum': 0.5, 'centered': True}, {'lr': 0.01}),
    ('Adam', torch.optim.Adam, {}, {'lr': 0.02}),
    ('Adam', torch.optim.Adam, {'amsgrad': True}, {'lr': 0.02}),
    ('AdamW', torch.optim.AdamW, {}, {'lr': 0.02, 'weightDecay': 0.1}),
    ('Adamax', torch.optim.Adamax, {}, {'lr': 0.02}),
    ('RAdam', torch.optim.RAdam, {}, {'lr': 0.02}),
    ('ASGD', torch.optim.ASGD, {}, {'lr': 0.05, 'lambd': 0.02, 't0': 1}),
    ('Rprop', torch.optim.Rprop, {}, {'lr': 0.02}),
]
THEIRS = {'lrDecay': 'lr_decay', 'weightDecay': 'weight_decay'}

batch = numbers(3, 1, 4, 4)
rows = numbers(3, 2, 4)


class Net(nn.Module):
    """What has other layouts: a convolution, columns behind a flattening, and attention (a bias of keys has no gradient but noise)."""

    def __init__(self):
        super().__init__()
        self.images = nn.Sequential(nn.Conv2d(1, 2, 2), nn.Tanh(), nn.Flatten(), nn.Linear(18, 4))
        self.attention = nn.MultiheadAttention(4, 2, bias=False, batch_first=True)

    def forward(self):
        y = rows + self.images(batch)[:, None]
        return self.attention(y, y, y, need_weights=False)[0].pow(2).mean()


def named(net, optimizer):
    """As docs/pytorch.md writes them."""
    names = {id(parameter): name for name, parameter in net.named_parameters()}
    return {
        f'{names[id(parameter)]}.{key}': torch.as_tensor(value)
        for parameter, states in optimizer.state.items()
        for key, value in states.items()
        if value is not None
    }


def checkpoint(net, optimizer):
    """What people save, and what else a tensor may be."""
    x = torch.arange(12, dtype=torch.float32).reshape(3, 4)
    return {
        'model': net.state_dict(),
        'optimizer': optimizer.state_dict(),
        'epoch': 70000,
        'loss': -0.25,
        'note': 'text',
        'others': {
            'turned': x.t(),
            'part': x[1:, 2],
            'half': x[0].half(),
            'bfloat16': x[0].bfloat16(),
            'long': torch.tensor([2**40, -1]),
            'mask': x[0] > 1,
            'none': torch.zeros(0, 3),
            'parameter': nn.Parameter(x[2, 3].clone()),
        },
        'large': [2**33, -1],
    }


def training(name, make, options, others):
    net = filled(Net())
    optimizer = make(net.parameters(), **options, **{THEIRS.get(key, key): value for key, value in others.items()})

    def steps(count):
        for _ in range(count):
            optimizer.zero_grad()
            net().backward()
            optimizer.step()

    steps(3)
    before = {name: entry(tensor) for name, tensor in net.state_dict().items()}
    positions = {
        f'{i}.{key}': entry(torch.as_tensor(value))
        for i, states in optimizer.state_dict()['state'].items()
        for key, value in states.items()
        if value is not None
    }
    by_name = {key: entry(value) for key, value in named(net, optimizer).items()}
    assert list(by_name.values()) == list(positions.values())
    if name == 'Adam' and not options:
        torch.save(checkpoint(net, optimizer), pathlib.Path(__file__).with_suffix('.pt'))
    steps(4)
    after = {name: entry(tensor) for name, tensor in net.state_dict().items()}
    return {
        'optimizer': name,
        'options': {**options, **others},
        'order': [name for name, _ in net.named_parameters()],
        'before': before,
        'states': by_name,
        'positions': list(positions),
        'after': after,
    }


golden = {
    'state': state(model),
    'inputs': {name: entry(last(tensor) if name in channels_second else tensor) for name, tensor in x.items()},
    'outputs': {name: entry(tensor) for name, tensor in outputs.items()},
    'batch': entry(last(batch)),
    'rows': entry(rows),
    'trainings': [training(*each) for each in OPTIMIZERS],
}
pathlib.Path(__file__).with_suffix('.json').write_text(json.dumps(golden))
