import { uniformFrom } from '../../../core/draws.js';
import { Words } from '../../../core/philox.js';
import { surfaces } from '../../report/surfaces.js';
import { type Walker, walkerOf } from '../../report/walkers.js';
import { walk } from '../../report/walks.js';

// Problems so small that their answer is known, and what optimizers do with them. There is no chance in any of them.

type Point = readonly [number, number];

/** Each optimizer gets the same rates to choose from. */
const RATES = Array.from({ length: 13 }, (_, power) => 1e-3 * 10 ** (power / 4));

/**
 * The least over all rates. NaN, where an optimizer leaves the numbers, is no candidate.
 * @param measure gets the least so far: what is greater may be measured as infinite as soon as that is known.
 */
const best = (measure: (lr: number, least: number) => number): number =>
  // From the greatest: the best ones are found soon, and cut the others short.
  RATES.reduceRight((least, lr) => {
    const value = measure(lr, least);
    return value < least ? value : least;
  }, Number.POSITIVE_INFINITY);

/** How far from the nearest minimum of the saddle an optimizer stands after the steps of its walk there. */
export function distanceAtSaddle(id: string): number {
  const surface = surfaces.find((candidate) => candidate.id === 'saddle');
  if (surface === undefined) return Number.NaN;
  const [x, y] = walk(surface, walkerOf(id), surface.rates[id], surface.steps).points.slice(-2);
  return Math.min(...surface.minima.map(([minimumX, minimumY]) => Math.hypot(x - minimumX, y - minimumY)));
}

const LONG = 100;
const SEARCH_STEPS = 800;
/** Who is this many times as high as the goal does not come back. */
const LOST = 1e15;

/**
 * Steps until an optimizer is at a ten thousandth of its height in a bowl a hundred times as steep across as along, which lies
 * across the axes: what is known of each weight by itself does not help.
 */
export function stepsInLongBowl(id: string): number {
  const half = Math.SQRT1_2;
  const turned = ([x, y]: Point): Point => [half * (x + y), half * (y - x)];
  const height = (x: number, y: number) => {
    const [along, across] = turned([x, y]);
    return (along * along + LONG * across * across) / 2;
  };
  const gradient = (x: number, y: number): Point => {
    const [along, across] = turned([x, y]);
    return [half * (along - LONG * across), half * (along + LONG * across)];
  };
  const start: Point = [1.5, 1];
  const goal = 1e-4 * height(...start);
  return best((lr, least) => {
    const point = { value: Float64Array.from(start), grad: new Float64Array(2) };
    const optimizer = walkerOf(id).create([point], lr);
    // There to stay: momentum may only swing past.
    let arrived = 0;
    for (let step = 0; step <= SEARCH_STEPS; step++) {
      const [x, y] = point.value;
      const at = height(x, y);
      if (!(at <= goal)) {
        arrived = step + 1;
        const isLost = !(at <= LOST * goal);
        if (isLost || arrived >= least || step === SEARCH_STEPS) return Number.POSITIVE_INFINITY;
      }
      point.grad.set(gradient(x, y));
      optimizer.step();
    }
    return arrived;
  });
}

/** By how much Adagrad multiplies the gradient at steps 1, 10 and 100 in a round bowl whose gradient never falls asleep. */
export function ratesOf(id: string): readonly [number, number, number] {
  const [first, tenth, hundredth] = [1, 10, 100].map((step) => {
    const { points } = walk({ start: [0, 0], gradient: () => [1, 1] }, walkerOf(id), 0.1, step);
    return points[2 * step - 2] - points[2 * step];
  });
  return [first, tenth, hundredth];
}

/** How many features there are, and rows that have some of them. */
const FEATURES = 32;
const ROWS = 1000;

/**
 * By how much the loss of a logistic regression on each row before its step is above that of the truth, over one pass, on average, at
 * the best of the rates: the regret that Adagrad was made for (Duchi et al. 2011). One feature is in every row; the k-th other one with probability `density` / k.
 */
export function regretOnSparseRows(id: string, density: number): number {
  const key = `${id} ${density}`;
  const known = regrets.get(key);
  if (known !== undefined) return known;
  const words = new Words(7, 0);
  const rows = Array.from({ length: ROWS }, (): Row => {
    const features = Array.from({ length: FEATURES }, (_, column) => column).filter(
      (column) => column === 0 || uniformFrom(words) < density / column,
    );
    const score = features.reduce((sum, column) => sum + truth(column), 0);
    const label = uniformFrom(words) < 1 / (1 + Math.exp(-score)) ? 1 : 0;
    return { features, label, least: logisticLoss(score, label) };
  });
  const found = best((lr) => regret(rows, walkerOf(id), lr));
  regrets.set(key, found);
  return found;
}

/** Two claims ask for the same. */
const regrets = new Map<string, number>();

/** What is to be learnt of a feature: those that are rare say most. */
const truth = (column: number) => (column % 2 === 0 ? 1 : -1) * Math.min(4, 0.5 + column / 4);

/** -log of the probability of the label, without overflow. */
function logisticLoss(score: number, label: number): number {
  const signed = label === 1 ? score : -score;
  return Math.log1p(Math.exp(-Math.abs(signed))) + Math.max(0, -signed);
}

interface Row {
  /** The columns of those that it has. */
  readonly features: readonly number[];
  readonly label: number;
  /** The loss of the truth. */
  readonly least: number;
}

function regret(rows: readonly Row[], walker: Walker, lr: number): number {
  const weights = { value: new Float64Array(FEATURES), grad: new Float64Array(FEATURES) };
  const optimizer = walker.create([weights], lr);
  let sum = 0;
  for (const { features, label, least } of rows) {
    let score = 0;
    for (const column of features) score += weights.value[column];
    sum += logisticLoss(score, label) - least;
    weights.grad.fill(0);
    for (const column of features) weights.grad[column] = 1 / (1 + Math.exp(-score)) - label;
    optimizer.step();
  }
  return sum / rows.length;
}

const NEAR = 0.2;
/** The gradient swings by this, as those of batches do. */
const NOISE = 0.5;
const UNTIL_MOVE = 1000;
const AFTER_MOVE = 2000;

/**
 * Steps that an optimizer takes to a minimum one away, and to the same minimum when that has moved one further after 1,000 steps,
 * at the rate that needs some fifty steps at first.
 */
export function stepsToMoved(id: string): readonly [first: number, second: number] {
  const journeys = RATES.map((lr) => journey(walkerOf(id), lr)).filter(([first]) => Number.isFinite(first));
  const distance = ([first]: readonly [number, number]) => Math.abs(Math.log(first / 50));
  return journeys.reduce((a, b) => (distance(b) < distance(a) ? b : a));
}

function journey(walker: Walker, lr: number): readonly [number, number] {
  const point = { value: new Float64Array(1), grad: new Float64Array(1) };
  const optimizer = walker.create([point], lr);
  const arrived = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let step = 1; step <= UNTIL_MOVE + AFTER_MOVE; step++) {
    const part = step <= UNTIL_MOVE ? 0 : 1;
    const target = 1 + part;
    point.grad[0] = point.value[0] - target + (step % 2 === 0 ? NOISE : -NOISE);
    optimizer.step();
    const isNear = Math.abs(point.value[0] - target) <= NEAR;
    if (isNear && arrived[part] === Number.POSITIVE_INFINITY) arrived[part] = step - part * UNTIL_MOVE;
    if (arrived[1] !== Number.POSITIVE_INFINITY) break;
  }
  return [arrived[0], arrived[1]];
}
