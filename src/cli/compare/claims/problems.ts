import { uniformFrom } from '../../../core/draws.js';
import { Words } from '../../../core/philox.js';
import { surfaces } from '../../report/surfaces.js';
import { type Walker, walkerOf } from '../../report/walkers.js';
import { walk } from '../../report/walks.js';

// Problems so small that their answer is known, and what optimizers do with them. There is no chance in any of them.

type Point = readonly [number, number];

/** Each optimizer gets the same rates to choose from. */
const RATES = Array.from({ length: 13 }, (_, power) => 1e-3 * 10 ** (power / 4));

/** The least over all rates. NaN, where an optimizer leaves the numbers, is no candidate. */
const best = (measure: (lr: number) => number): number =>
  Math.min(...RATES.map(measure).map((value) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : value)));

/** How far from the nearest minimum of the saddle an optimizer stands after the steps of its walk there. */
export function distanceAtSaddle(id: string): number {
  const surface = surfaces.find((candidate) => candidate.id === 'saddle');
  if (surface === undefined) return Number.NaN;
  const [x, y] = walk(surface, walkerOf(id), surface.rates[id], surface.steps).points.slice(-2);
  return Math.min(...surface.minima.map(([minimumX, minimumY]) => Math.hypot(x - minimumX, y - minimumY)));
}

const LONG = 100;
const SEARCH_STEPS = 800;

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
  return best((lr) => {
    const { points } = walk({ start, gradient }, walkerOf(id), lr, SEARCH_STEPS);
    // There to stay: momentum may only swing past.
    for (let step = SEARCH_STEPS; step >= 0; step--) {
      const isAbove = !(height(points[2 * step], points[2 * step + 1]) <= goal);
      if (isAbove) return step === SEARCH_STEPS ? Number.POSITIVE_INFINITY : step + 1;
    }
    return 0;
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
  const words = new Words(7, 0);
  const rows = Array.from({ length: ROWS }, () => {
    const features = Array.from({ length: FEATURES }, (_, column): number =>
      column === 0 || uniformFrom(words) < density / column ? 1 : 0,
    );
    const share = 1 / (1 + Math.exp(-trueScore(features)));
    return { features, label: uniformFrom(words) < share ? 1 : 0 };
  });
  return best((lr) => regret(rows, walkerOf(id), lr));
}

/** What is to be learnt of a feature: those that are rare say most. */
const truth = (column: number) => (column % 2 === 0 ? 1 : -1) * Math.min(4, 0.5 + column / 4);

const trueScore = (features: readonly number[]) =>
  features.reduce((sum, value, column) => sum + value * truth(column), 0);

/** -log of the probability of the label, without overflow. */
function logisticLoss(score: number, label: number): number {
  const signed = label === 1 ? score : -score;
  return Math.log1p(Math.exp(-Math.abs(signed))) + Math.max(0, -signed);
}

interface Row {
  readonly features: readonly number[];
  readonly label: number;
}

function regret(rows: readonly Row[], walker: Walker, lr: number): number {
  const weights = { value: new Float64Array(FEATURES), grad: new Float64Array(FEATURES) };
  const optimizer = walker.create([weights], lr);
  let sum = 0;
  for (const { features, label } of rows) {
    const score = features.reduce((total, value, column) => total + value * weights.value[column], 0);
    sum += logisticLoss(score, label) - logisticLoss(trueScore(features), label);
    const error = 1 / (1 + Math.exp(-score)) - label;
    for (const [column, value] of features.entries()) weights.grad[column] = error * value;
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
