// How fast ranks train together, as medians of steps, as in LOCKSTEP_THREADS=1 mpirun --bind-to none -n 2 node ...:
//   speed.mjs hidden      26 MB of gradients: how long a step takes, and how long it waits for sums when the way back is over
//   speed.mjs cnn         a convolutional network: rows a second
import { Adam } from 'lockstep';
import * as dist from 'lockstep/distributed';
import * as nn from 'lockstep/nn';
import { fit } from 'lockstep/train';

const [what = 'hidden', steps = '40'] = process.argv.slice(2);

const workloads = {
  hidden: {
    shape: [640],
    batchSize: 768,
    model: () => new nn.Sequential(...Array.from({ length: 16 }, () => new nn.Linear(640, 640))),
  },
  cnn: {
    shape: [28, 28, 1],
    batchSize: 128,
    model: () =>
      new nn.Sequential(
        new nn.Conv2d(1, 32, 3),
        new nn.BatchNorm2d(32),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.Conv2d(32, 64, 3),
        new nn.BatchNorm2d(64),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.Flatten(),
        new nn.Dropout(0.2),
        new nn.Linear(1600, 128),
        new nn.ReLU(),
        new nn.Linear(128, 10),
      ),
  },
};

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

await dist.init();
const { shape, batchSize, model: modelOf } = workloads[what];
const size = shape.reduce((product, length) => product * length, 1);
const rows = 2 * batchSize;
const x = Float32Array.from({ length: rows * size }, (_, i) => Math.sin(i * i));
const examples = {
  x: nn.tensor(x, [rows, ...shape]),
  y: Int32Array.from({ length: rows }, (_, i) => i % 10),
};

// Between the last bucket that is sent, when the way back is over, and the losses, which come when all sums are there.
const world = dist.world();
const waits = [];
let sent = 0;
for (const name of ['sum', 'gatherParts']) {
  const own = world[name].bind(world);
  world[name] = (...args) => {
    if (name === 'sum') sent = performance.now();
    else if (sent > 0 && args.at(-1).startsWith('losses')) waits.push(performance.now() - sent);
    return own(...args);
  };
}

const model = modelOf();
const times = [];
let before = performance.now();
await fit(model, examples, {
  loss: nn.crossEntropy,
  optimizer: new Adam(model.parameters()),
  epochs: Math.ceil(Number(steps) / 2),
  batchSize,
  microBatches: 2,
  distributed: true,
  afterStep: () => {
    const now = performance.now();
    times.push(now - before);
    before = now;
  },
});
if (dist.rank === 0) {
  const step = median(times.slice(4));
  const wait = dist.size === 1 ? 'alone' : `waits ${median(waits.slice(4)).toFixed(1)} ms`;
  console.log(
    `${what} on ${dist.size}: a step takes ${step.toFixed(1)} ms, ${((1000 * batchSize) / step).toFixed(0)} rows/s, ${wait}`,
  );
}
await dist.close();
