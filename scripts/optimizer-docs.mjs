// `node scripts/optimizer-docs.mjs` writes docs/optimizers.md: what each optimizer is for, and what a step of it moves. The bytes are
// those of its states after a step; the speeds those of `npm run bench -- optimizers --only "2^24"`, noted in
// scripts/optimizer-speeds.json with the machine, and for those of several passes of scripts/optimizer-passes.mjs. `--check` fails
// where the page is not what it would write.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as lockstep from 'lockstep';
import { root } from './shell.mjs';

const ROWS = {
  SGD: [
    'Robbins & Monro 1951',
    'Images and other dense data, with `momentum` (one state more) and a schedule; the least memory.',
  ],
  Adam: ['Kingma & Ba 2015, 1412.6980', 'The first to try.'],
  AdamW: ['Loshchilov & Hutter 2019, 1711.05101', 'Transformers, and wherever a weight decay is wanted.'],
  NAdam: ['Dozat 2016', 'As Adam; a little faster where gradients are smooth.'],
  RAdam: ['Liu et al. 2020, 1908.03265', 'As Adam, where no warm-up is wanted.'],
  Adamax: ['Kingma & Ba 2015, 1412.6980', 'Rare features with heavy tails.'],
  AdaBelief: ['Zhuang et al. 2020, 2010.07468', 'As Adam, where gradients are much alike from step to step.'],
  ADOPT: [
    'Taniguchi et al. 2024, 2411.02853',
    'As Adam, where that does not converge for any second beta below 1.',
  ],
  Adan: ['Xie et al. 2022, 2208.06677', 'Large batches; twice the states of Adam.'],
  AdEMAMix: ['Pagliardini et al. 2024, 2409.03137', 'Long trainings of language models.'],
  Lion: ['Chen et al. 2023, 2302.06675', 'Large batches, with half of the states of Adam.'],
  SophiaG: ['Liu et al. 2023, 2305.14342', 'Language models, where a second gradient now and then is cheap.'],
  Prodigy: ['Mishchenko & Defazio 2023, 2306.06101', 'Where no rate is to be searched for.'],
  ScheduleFreeSGD: [
    'Defazio et al. 2024, 2405.15682',
    'As SGD with momentum, where the end is not known beforehand.',
  ],
  ScheduleFreeAdamW: ['Defazio et al. 2024, 2405.15682', 'As AdamW, where the end is not known beforehand.'],
  SWATS: ['Keskar & Socher 2017, 1712.07628', 'Adam at first, SGD in the end, by itself.'],
  RMSprop: ['Tieleman & Hinton 2012', 'Recurrent networks and reinforcement learning.'],
  Adagrad: ['Duchi et al. 2011', 'Rare features: embeddings and tables.'],
  Adadelta: ['Zeiler 2012, 1212.5701', 'What was tuned for it.'],
  ASGD: ['Polyak & Juditsky 1992', 'Convex problems, whose iterates are averaged.'],
  Rprop: ['Riedmiller & Braun 1993', 'Whole batches.'],
  SparseAdam: ['Kingma & Ba 2015, 1412.6980', 'Large embeddings with gradients by row.'],
  LAMB: ['You et al. 2020, 1904.00962', 'Very large batches, as AdamW.'],
  LARS: ['You et al. 2017, 1708.03888', 'Very large batches, as SGD.'],
  Adafactor: ['Shazeer & Stern 2018, 1804.04235', 'Where the states of Adam have no room.'],
  Muon: ['Jordan et al. 2024', 'The matrices inside of a network; vectors and embeddings go to AdamW.'],
  Shampoo: ['Gupta et al. 2018, 1802.09568', 'Few steps, each of which may be slow.'],
  SOAP: ['Vyas et al. 2024, 2409.11321', 'As Shampoo, with steps and rates of Adam.'],
  LBFGS: ['Liu & Nocedal 1989', 'Small problems without noise, by whole batches.'],
};

const STORED = ['SGD', 'Adam', 'AdamW', 'Lion'];

/** A matrix of which some optimizers keep rows and columns alone. */
const SIDE = 64;

function bytesOf(name) {
  const size = SIDE * SIDE;
  const grad = new Float32Array(size).fill(0.1);
  const parameter = { name: 'w', value: new Float32Array(size).fill(0.5), grad, shape: [SIDE, SIDE] };
  const optimizer = new lockstep[name]([parameter]);
  if (name === 'LBFGS') optimizer.step(() => 1);
  else optimizer.step();
  const { arrays } = optimizer.stateDict().parameters.w;
  const bytes = Object.values(arrays).reduce((sum, array) => sum + array.byteLength, 0);
  return Math.round((10 * bytes) / size) / 10;
}

const { machine, speeds, passes } = JSON.parse(
  readFileSync(join(root, 'scripts', 'optimizer-speeds.json'), 'utf8'),
);
const isOptimizer = ([, value]) =>
  typeof value === 'function' && value.prototype instanceof lockstep.Optimizer;
const missing = Object.entries(lockstep)
  .filter(isOptimizer)
  .map(([name]) => name)
  .filter((name) => !(name in ROWS));
if (missing.length > 0) throw new Error(`scripts/optimizer-docs.mjs says nothing of ${missing.join(', ')}`);

function measuredOf(name) {
  if (name in passes) return passes[name];
  return name in speeds ? `${speeds[name][0]} (${speeds[name][1]} %)` : '–';
}

const lines = Object.entries(ROWS).map(([name, [paper, use]]) => {
  const states = bytesOf(name);
  const measured = measuredOf(name);
  return `| \`${name}\` | ${paper.replace(/, (\d{4}\.\d{4,5})$/, ', [$1](https://arxiv.org/abs/$1)')} | ${states} | ${measured} | ${use} |`;
});
const page = `# Optimizers

Bytes: of the states, for each float32 parameter of a matrix [${SIDE}, ${SIDE}]. Speed: billions of parameters a second at 2^24 float32
parameters on one thread, and the share of what a loop reaches that reads and writes the same memory and computes next to nothing
(${machine}; give or take a tenth, as the memory of a shared machine does). Prodigy and SWATS
add up sums in double besides. Of several passes there is no such share; Muon, Shampoo and SOAP have four matrices [512, 512]
there, the roots and bases of every tenth step among the twenty measured. – : an evaluation of the closure is what it takes.

| optimizer | paper | bytes | speed | when |
|---|---|---|---|---|
${lines.join('\n')}

\`stateDtype\` of ${STORED.map((name) => `\`${name}\``).join(', ')} stores the states of float32 parameters in fewer bits:

| | bytes of a state | what is rounded |
|---|---|---|
| \`'float32'\` | 4 | nothing |
| \`'bfloat16'\` | 2 | to eight significant bits |
| \`'int8'\` | 1.016 | to codes, in blocks of 256 with a scale each; parameters of fewer than 4,096 elements keep float32 |

Rounding is up or down by chance, by words of the step and the place: right on average, and the same bits everywhere. A NaN or
an infinity makes the states of its whole block NaN in 8 bits. Blocks are those of Dettmers et al. 2022,
[2110.02861](https://arxiv.org/abs/2110.02861), the codes are not: a mean of squares has four bits of mantissa over 16 powers of
two below the largest and never becomes 0, any other state is a signed square of seven bits. One thread of AVX-512 computes a
step of Adam in 0.21 ns a parameter (2^14 of them, Zen 5), with states of 16 bits in 0.49 and of 8 in 0.96: that is faster where the memory gives a
thread less than the step of float32 takes from it, with many of them, and elsewhere saves room. State dictionaries and files
hold float32, which gives the same bits back: a training may go on in another dtype, also in PyTorch's. Gradients by row need
float32 states.

Loss behind the last step, against that with states of float32, means over seeds of which each is a pair (\`npm run check:states\`):

| | spread of float32 over seeds | bfloat16 | int8 |
|---|---|---|---|
| two spirals, \`Adam\` | 4.5 % | +0.5 % (-0.1 to +1.1) | +0.3 % (-0.7 to +1.3) |
| two spirals, \`AdamW\` | 4.5 % | +0.3 % (-0.7 to +1.4) | -0.0 % (-1.3 to +1.3) |
| two spirals, \`Lion\` | 7.6 % | -0.2 % (-0.4 to +0.1) | +0.2 % (-0.3 to +0.7) |
| two spirals, \`SGD\` with momentum | 5.9 % | +0.4 % (-1.0 to +1.7) | -0.8 % (-2.5 to +0.9) |
| MNIST, \`Adam\` | 4.5 % | -0.1 % (-0.9 to +0.6) | -0.1 % (-1.3 to +1.1) |
| MNIST, \`AdamW\` | 4.6 % | +0.5 % (-0.8 to +1.8) | +0.1 % (-0.4 to +0.6) |
| MNIST, \`Lion\` | 3.6 % | +0.1 % (-0.7 to +0.9) | -0.2 % (-1.5 to +1.2) |
| MNIST, \`SGD\` with momentum | 1.0 % | -0.0 % (-0.8 to +0.7) | -0.1 % (-0.6 to +0.4) |

In brackets what chance leaves open. Spirals: 2,000 points whose arms overlap, a network 2-64-64-2, 60 epochs, 8 seeds; MNIST: 60,000
images, 784-128-10, 2 epochs, 5 seeds. Where a network learns its data by heart, to a loss of 0.0005, any rounding moves that loss
by a tenth, up as well as down.

\`Lookahead\` (Zhang et al. 2019, [1907.08610](https://arxiv.org/abs/1907.08610)) and \`SAM\` (Foret et al. 2021,
[2010.01412](https://arxiv.org/abs/2010.01412)) take any of them.
`;
const path = join(root, 'docs', 'optimizers.md');
if (!process.argv.includes('--check')) writeFileSync(path, page);
else if (readFileSync(path, 'utf8') !== page) {
  console.error('docs/optimizers.md is not what the code says: node scripts/optimizer-docs.mjs');
  process.exit(1);
}
