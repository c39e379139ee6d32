// What takes too long for the tests of states in fewer bits: on MNIST and on two spirals, trainings with `stateDtype` end with the loss of
// those with float32, over several seeds: the means differ by no more than 1 %, or by no more than chance gives, which is said.
// `npm run check:states`; `-- spirals` or `-- mnist` for one of them.
import { deviation, mean, pairedDifference } from '../src/cli/compare/statistics.js';
import { readMnist, twoSpirals } from '../src/data/index.js';
import { Adam, AdamW, cosine, Lion, type Optimizer, type Parameter, SGD } from '../src/index.js';
import { crossEntropy, Generator, Linear, manualSeed, ReLU, Sequential } from '../src/nn/index.js';
import { type Examples, evaluate, examplesOf, fit } from '../src/train/index.js';

/** Of the mean loss with float32. */
const LIMIT = 0.01;

type StateDtype = 'float32' | 'bfloat16' | 'int8';
type Params = Iterable<Parameter>;

const OPTIMIZERS: Record<string, (params: Params, stateDtype: StateDtype) => Optimizer> = {
  Adam: (params, stateDtype) => new Adam(params, { lr: 2e-3, stateDtype }),
  AdamW: (params, stateDtype) => new AdamW(params, { lr: 2e-3, stateDtype }),
  Lion: (params, stateDtype) => new Lion(params, { lr: 3e-4, stateDtype }),
  momentum: (params, stateDtype) => new SGD(params, { lr: 0.05, momentum: 0.9, stateDtype }),
};

interface Problem {
  readonly examples: Examples<Int32Array>;
  readonly widths: readonly number[];
  readonly batchSize: number;
  readonly epochs: number;
  readonly seeds: number;
}

const PROBLEMS: Record<string, () => Promise<Problem>> = {
  spirals: async () => ({
    // Points of either arm on the other one, so that no loss is next to nothing.
    examples: examplesOf(twoSpirals({ noise: 0.2 })),
    widths: [2, 64, 64, 2],
    batchSize: 50,
    epochs: 60,
    seeds: 8,
  }),
  mnist: async () => ({
    examples: examplesOf((await readMnist()).train),
    widths: [784, 128, 10],
    batchSize: 128,
    epochs: 2,
    seeds: 5,
  }),
};

/** The loss of all examples behind the last step. */
async function finalLoss(
  { examples, widths, batchSize, epochs }: Problem,
  create: (params: Params) => Optimizer,
  seed: number,
): Promise<number> {
  manualSeed(seed);
  const generator = new Generator(seed);
  const layers = widths
    .slice(1)
    .flatMap((width, i) => [new Linear(widths[i], width, { generator }), new ReLU()]);
  const model = new Sequential(...layers.slice(0, -1));
  const optimizer = create(model.parameters());
  const steps = epochs * Math.ceil(examples.y.length / batchSize);
  const schedule = cosine(optimizer.lr, { steps });
  await fit(model, examples, { loss: crossEntropy, optimizer, schedule, epochs, batchSize, seed });
  return (await evaluate(model, examples, { loss: crossEntropy })).loss;
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

/** Prints how losses with fewer bits differ from those with float32, seed by seed. @returns whether they may */
function judge(name: string, expected: readonly number[], found: readonly number[]): boolean {
  const whole = mean(expected);
  const { size, low, high, verdict } = pairedDifference(found, expected);
  const isNear = Math.abs(size) <= LIMIT * whole;
  const isChance = verdict === 'open';
  const noise = `${percent(low / whole)} to ${percent(high / whole)} over ${found.length} seeds`;
  const spread = `seeds of float32 spread by ${percent(deviation(expected) / whole)}`;
  console.log(
    `${isNear || isChance ? 'ok    ' : 'FAILED'} ${name}: ${mean(found).toPrecision(4)}, ${percent(size / whole)} from float32 (${noise}; ${spread}): ` +
      `${isNear ? 'within' : 'beyond'} 1 %, ${isChance ? 'within' : 'beyond'} the noise`,
  );
  return isNear || isChance;
}

const [only] = process.argv.slice(2);
for (const [problemName, load] of Object.entries(PROBLEMS)) {
  if (only !== undefined && only !== problemName) continue;
  const problem = await load();
  for (const [name, create] of Object.entries(OPTIMIZERS)) {
    const lossesOf = async (stateDtype: StateDtype) => {
      const losses: number[] = [];
      for (let seed = 0; seed < problem.seeds; seed++) {
        losses.push(await finalLoss(problem, (params) => create(params, stateDtype), seed));
      }
      return losses;
    };
    const expected = await lossesOf('float32');
    for (const stateDtype of ['bfloat16', 'int8'] as const) {
      const found = await lossesOf(stateDtype);
      if (!judge(`${problemName}, ${name} ${stateDtype}`, expected, found)) process.exitCode = 1;
    }
  }
}
