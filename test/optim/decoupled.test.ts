// A decoupled weight decay takes a share of the weights away, beside a step that has none: every optimizer can be asked for it whose step
// does not decay so by itself.
import { expect, test } from 'vitest';
import { Shampoo } from '../../src/index.js';
import { makeParams, takeSteps } from './params.js';
import { randomNumbers, table } from './table.js';

/** Their decay is decoupled in any case. */
const ALWAYS = ['Adafactor', 'Adan', 'AdEMAMix', 'LAMB', 'ScheduleFreeAdamW', 'ScheduleFreeSGD'];

/** Other paths through a rule; what ASGD shrinks by itself would be multiplied with. */
const OWN: ReadonlyMap<string, readonly object[]> = new Map([
  ['SGD', [{}, { momentum: 0.9 }]],
  ['RMSprop', [{}, { momentum: 0.9 }, { centered: true }, { centered: true, momentum: 0.9 }]],
  ['ASGD', [{ lambd: 0 }]],
]);

const lr = 0.1;
const weightDecay = 0.3;
const shampoo = (options: object) => ({
  name: `Shampoo ${JSON.stringify(options)}`,
  create: (params: ReturnType<typeof makeParams>, more: object) =>
    new Shampoo(params, { ...options, ...more }),
});
const rows = [...table, shampoo({}), shampoo({ momentum: 0.5 })].filter(({ name }) => !ALWAYS.includes(name));

test.each(rows)('$name', ({ name, create }) => {
  for (const own of OWN.get(name) ?? [{}]) {
    const [ours, expected] = [makeParams(['a', 'b'], Float64Array), makeParams(['a', 'b'], Float64Array)];
    const decaying = create(ours, { ...own, lr, weightDecay, decoupledWeightDecay: true });
    const plain = create(expected, { ...own, lr, weightDecay: 0 });
    const start = expected.map(({ value }) => value.slice());
    takeSteps(decaying, randomNumbers(5), 1);
    takeSteps(plain, randomNumbers(5), 1);
    const share = lr * weightDecay * rateOf(name);
    for (const [i, { value }] of ours.entries()) {
      for (const [place, x] of expected[i].value.entries()) {
        expect(value[place]).toBeCloseTo(x - share * start[i][place], 12);
      }
    }
  }
});

/** What the rate is multiplied by that a first step decays with: nothing in the first of ADOPT, the estimate of Prodigy. */
function rateOf(name: string): number {
  return name === 'ADOPT' ? 0 : name === 'Prodigy' ? 1e-6 : 1;
}
