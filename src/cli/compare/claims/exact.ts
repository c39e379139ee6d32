import * as format from '../../../text/format.js';
import type { ExactClaim, Finding, Numbers } from './claim.js';
import { distanceAtSaddle, ratesOf, regretOnSparseRows, stepsInLongBowl, stepsToMoved } from './problems.js';

const NONE = 'Nothing of the study: it is computed without it.';

const of = (measure: (id: string) => number, ids: readonly string[]) => () =>
  Object.fromEntries(ids.map((id) => [id, measure(id)]));

/** A verdict without chance; open where something is no number. */
function decided(
  numbers: Numbers,
  isSupported: boolean,
  text: (value: number) => string,
  figure: string | null = null,
): Finding {
  const isKnown = Object.values(numbers).every((value) => !Number.isNaN(value));
  return {
    verdict: isKnown ? (isSupported ? 'supported' : 'not supported') : 'open',
    numbers: Object.entries(numbers).map(([what, value]) => ({
      what,
      text: Number.isFinite(value) ? text(value) : 'never',
    })),
    figure,
  };
}

const least = (numbers: Numbers) => Math.min(...Object.values(numbers));

/** How many times as long an optimizer may take to a minimum that has moved, before it is said to starve. */
const STARVED = 3;

const secondJourney = (id: string) => () => {
  const [first, second] = stepsToMoved(id);
  return { 'steps to the minimum': first, 'steps after it moved': second };
};
const longer = (numbers: Numbers) => numbers['steps after it moved'] / numbers['steps to the minimum'];

/** How rarely features appear in the problem of sparse rows: from often to seldom. */
const DENSITIES = [1, 0.3, 0.1] as const;

export const exactClaims: readonly ExactClaim[] = [
  {
    id: 'stands-still',
    text: 'Plain SGD stands still where the gradient is zero, and others do not.',
    needs: NONE,
    measure: of(distanceAtSaddle, ['sgd', 'momentum', 'rmsprop', 'adam']),
    decide: (numbers) =>
      decided(
        numbers,
        numbers.sgd > 0.5 && Object.entries(numbers).every(([id, far]) => id === 'sgd' || far < 0.25),
        (value) => `${format.loss(value)} from a minimum`,
        'surface-saddle',
      ),
  },
  {
    id: 'long-bowl',
    text: 'Momentum is the fastest in a bowl that is long.',
    needs: NONE,
    measure: of(stepsInLongBowl, ['sgd', 'momentum', 'adagrad', 'rmsprop', 'adam']),
    decide: (numbers) =>
      decided(
        numbers,
        Object.entries(numbers).every(([id, steps]) => id === 'momentum' || numbers.momentum < steps),
        (value) => format.counted(value, 'step'),
        'surface-ravine',
      ),
  },
  {
    id: 'adagrad-rates',
    text: 'Adagrad’s rates go from large to small.',
    needs: NONE,
    measure() {
      const [first, tenth, hundredth] = ratesOf('adagrad');
      return { 'step 1': first, 'step 10': tenth, 'step 100': hundredth };
    },
    decide: (numbers) =>
      decided(
        numbers,
        numbers['step 1'] > 2 * numbers['step 10'] && numbers['step 10'] > 2 * numbers['step 100'],
        format.rate,
        'surface-bowl',
      ),
  },
  {
    id: 'adagrad-rare',
    text: 'Adagrad wins where features are rare.',
    needs: NONE,
    measure: of((id) => regretOnSparseRows(id, 0.1), ['sgd', 'momentum', 'adagrad', 'rmsprop', 'adam']),
    decide: (numbers) =>
      decided(numbers, numbers.adagrad <= least(numbers), (value) => `regret ${format.loss(value)}`),
  },
  {
    id: 'adagrad-starves',
    text: 'Adagrad starves: what comes late is hardly learnt.',
    needs: NONE,
    measure: secondJourney('adagrad'),
    decide: (numbers) => decided(numbers, longer(numbers) >= STARVED, format.count),
  },
  {
    id: 'rmsprop-does-not',
    text: 'RMSprop does not starve.',
    needs: NONE,
    measure: secondJourney('rmsprop'),
    decide: (numbers) => decided(numbers, longer(numbers) < STARVED, format.count),
  },
  {
    id: 'adam-sparse',
    text: 'Adam gains over RMSprop as gradients grow sparse.',
    needs: NONE,
    measure: () =>
      Object.fromEntries(
        DENSITIES.map((density) => [
          `features in ${format.percent(density, 0)} of rows`,
          regretOnSparseRows('rmsprop', density) / regretOnSparseRows('adam', density),
        ]),
      ),
    decide(numbers) {
      const [often, between, seldom] = Object.values(numbers);
      const told = (value: number) => `RMSprop’s regret is ${value.toFixed(3)} of Adam’s`;
      return decided(
        numbers,
        [between, seldom].every((ratio) => ratio > Math.max(1, often)),
        told,
      );
    },
  },
];
