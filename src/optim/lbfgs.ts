import type { Parameter } from '../array/parameter.js';
import { sizeOf } from '../core/shapes.js';
import type { FloatArray } from '../core/types.js';
import { checkAtLeast, checkInteger, checkNumber, checkOneOf, show } from '../core/validate.js';
import type { OptimizerOptions, ParamGroup } from './common-options.js';
import type { Closure, MemoryDefinition, ParameterUpdate, UpdateDefinition } from './definition.js';
import { Optimizer } from './optimizer.js';
import { Scratch } from './pass.js';
import { type Point, strongWolfe } from './strong-wolfe.js';
import { Arithmetic, copyTo, normOf, type Vector } from './vectors.js';

/** See {@link LBFGS}. The default rate is 1. */
export interface LBFGSOptions extends OptimizerOptions {
  /** Iterations in a step, at least 1. Default 20. */
  readonly maxIter?: number;
  /** Evaluations of the closure after which a step ends. Default null: 1.25 `maxIter`, rounded down. */
  readonly maxEval?: number | null;
  /** The step ends where no element of the gradient is larger. Default 1e-7. */
  readonly toleranceGrad?: number;
  /** The step ends where neither the loss nor a weight changes by more. Default 1e-9. */
  readonly toleranceChange?: number;
  /** How many changes of the weights and of the gradient are kept, at least 1. Default 100. */
  readonly historySize?: number;
  /** How far to go along a direction: `lr`, where null, or until the strong Wolfe conditions hold. Default null. */
  readonly lineSearchFn?: null | 'strong_wolfe';
}

/** What is known beyond arrays. */
interface Progress {
  iterations: number;
  evaluations: number;
  /** The length of the last step along its direction. */
  t: number;
  /** The scale of the first guess of the inverse Hessian. */
  scale: number;
  /** 1 / (y . s) of every change in the history, the oldest first. */
  ro: number[];
  /** The place of the oldest one; there is one place more than the history needs. */
  first: number;
  /** The parameters that there are changes of. */
  names: string[];
}

type Update = ParameterUpdate<LBFGSOptions, Progress>;

const memory: MemoryDefinition<LBFGSOptions, Progress> = {
  name: 'progress',
  scope: () => 'group',
  initial: () => ({ iterations: 0, evaluations: 0, t: 0, scale: 1, ro: [], first: 0, names: [] }),
  read(name, { iterations, evaluations, t, scale, ro, first, names }) {
    checkInteger(`${name}.iterations`, iterations, 0);
    checkInteger(`${name}.evaluations`, evaluations, 0);
    checkNumber(`${name}.t`, t);
    checkNumber(`${name}.scale`, scale);
    checkInteger(`${name}.first`, first, 0);
    if (!isListOf(ro, 'number')) throw new TypeError(`${name}.ro must be numbers, got ${show(ro)}`);
    if (!isListOf(names, 'string')) throw new TypeError(`${name}.names must be names, got ${show(names)}`);
    return { iterations, evaluations, t, scale, ro: [...ro], first, names: [...names] };
  },
};

function isListOf(list: unknown, type: 'number'): list is number[];
function isListOf(list: unknown, type: 'string'): list is string[];
function isListOf(list: unknown, type: string): boolean {
  return Array.isArray(list) && list.every((one) => typeof one === type);
}

/** The parts of all parameters together. */
class Memory {
  readonly #parameters: readonly Update[];
  readonly #places: WeakMap<FloatArray, FloatArray[]>;
  readonly direction: Vector;
  readonly lastGradient: Vector;
  readonly arithmetic: Arithmetic;

  constructor(
    parameters: readonly Update[],
    places: WeakMap<FloatArray, FloatArray[]>,
    arithmetic: Arithmetic,
  ) {
    this.arithmetic = arithmetic;
    this.#parameters = parameters;
    this.#places = places;
    this.direction = parameters.map(({ states }) => states.direction);
    this.lastGradient = parameters.map(({ states }) => states.lastGradient);
  }

  /** A change of the gradient or of the weights, the oldest being number 0. */
  change(of: 'gradientChanges' | 'valueChanges', number: number): Vector {
    const [{ memory, options }] = this.#parameters;
    const count = options.historySize + 1;
    const place = (memory.first + number) % count;
    return this.#parameters.map(({ states }) => {
      const all = states[of];
      const parts = this.#places.get(all) ?? [];
      this.#places.set(all, parts);
      const length = all.length / count;
      parts[place] ??= all.subarray(place * length, (place + 1) * length);
      return parts[place];
    });
  }
}

function define(): UpdateDefinition<LBFGSOptions, Progress> {
  const places = new WeakMap<FloatArray, FloatArray[]>();
  const arithmetic = new Arithmetic();
  const starts = new Scratch();
  // Of three points of a search, the new one among them.
  const gradients = [new Scratch(), new Scratch(), new Scratch()];
  return {
    name: 'LBFGS',
    defaults: {
      lr: 1,
      maxIter: 20,
      maxEval: null,
      toleranceGrad: 1e-7,
      toleranceChange: 1e-9,
      historySize: 100,
      lineSearchFn: null,
    },
    check({ maxIter, maxEval, toleranceGrad, toleranceChange, historySize, lineSearchFn }) {
      checkInteger('maxIter', maxIter, 1);
      if (maxEval !== null) checkInteger('maxEval', maxEval, 1);
      checkAtLeast('toleranceGrad', toleranceGrad, 0);
      checkAtLeast('toleranceChange', toleranceChange, 0);
      checkInteger('historySize', historySize, 1);
      checkOneOf('lineSearchFn', lineSearchFn, [null, 'strong_wolfe']);
    },
    memory,
    stateLengths({ historySize }, shape) {
      const length = sizeOf(shape);
      const changes = (historySize + 1) * length;
      return { direction: length, lastGradient: length, gradientChanges: changes, valueChanges: changes };
    },
    update(parameters, closure) {
      if (closure === undefined) {
        throw new TypeError(
          'LBFGS needs step(closure): it computes the loss and its gradients several times',
        );
      }
      if (parameters.length === 0) return;
      const vectors = gradients.map((scratch) => parameters.map((one) => scratch.of(one, one.value)));
      const start = parameters.map((one) => starts.of(one, one.value));
      minimise(parameters, closure, new Memory(parameters, places, arithmetic), vectors, start);
    },
  };
}

/**
 * @param buffers three, for gradients
 * @param start for where a search begins
 */
function minimise(
  parameters: readonly Update[],
  closure: Closure,
  vectors: Memory,
  buffers: readonly Vector[],
  start: Vector,
): void {
  const [{ memory: progress, options, lr }] = parameters;
  const { maxIter, maxEval, toleranceGrad, toleranceChange, lineSearchFn } = options;
  const { direction, lastGradient, arithmetic } = vectors;
  checkSame(progress, parameters);
  const values = () => parameters.map(({ value }) => value);
  const gradientInto = (to: Vector) => {
    copyTo(
      parameters.map(({ grad }) => grad),
      to,
    );
    return to;
  };
  let { loss } = closure;
  let gradient = gradientInto(buffers[0]);
  let evaluations = 1;
  progress.evaluations++;
  if (normOf('normInf', gradient) <= toleranceGrad) return;

  for (let iteration = 1; iteration <= maxIter; iteration++) {
    progress.iterations++;
    if (progress.iterations > 1) remember(vectors, progress, options.historySize, gradient);
    turn(vectors, progress, gradient);
    copyTo(gradient, lastGradient);
    const lastLoss = loss;
    progress.t = progress.iterations === 1 ? Math.min(1, 1 / normOf('norm1', gradient)) * lr : lr;
    const slope = arithmetic.dot(gradient, direction);
    if (slope > -toleranceChange) return;

    if (lineSearchFn === 'strong_wolfe') {
      copyTo(values(), start);
      const evaluate = (t: number, kept: readonly Point<Vector>[]): Point<Vector> => {
        arithmetic.addScaled(values(), t, direction);
        const found = closure.evaluate();
        const free = buffers.find((buffer) => kept.every(({ gradient }) => gradient !== buffer));
        if (free === undefined) throw new Error('a search keeps two points at most');
        gradientInto(free);
        copyTo(start, values());
        return { t, loss: found, slope: arithmetic.dot(free, direction), gradient: free };
      };
      const here = { t: 0, loss, slope, gradient };
      const longest = normOf('normInf', direction);
      const search = strongWolfe(evaluate, here, progress.t, longest, toleranceChange);
      ({ loss, gradient, t: progress.t } = search.point);
      arithmetic.addScaled(values(), progress.t, direction);
      evaluations += search.evaluations;
      progress.evaluations += search.evaluations;
    } else {
      arithmetic.addScaled(values(), progress.t, direction);
      // Nobody would use it: in a stochastic setting the next step has another loss.
      if (iteration === maxIter) return;
      loss = closure.evaluate();
      gradientInto(gradient);
      evaluations++;
      progress.evaluations++;
    }
    const isOver =
      iteration === maxIter ||
      evaluations >= (maxEval ?? Math.floor(1.25 * maxIter)) ||
      normOf('normInf', gradient) <= toleranceGrad ||
      normOf('normInf', direction) * Math.abs(progress.t) <= toleranceChange ||
      Math.abs(loss - lastLoss) < toleranceChange;
    if (isOver) return;
  }
}

/** Adds what the last step has changed to the history, where the curvature along it is positive. */
function remember(vectors: Memory, progress: Progress, size: number, gradient: Vector): void {
  const { arithmetic } = vectors;
  const y = vectors.change('gradientChanges', progress.ro.length);
  const s = vectors.change('valueChanges', progress.ro.length);
  copyTo(gradient, y);
  arithmetic.addScaled(y, -1, vectors.lastGradient);
  copyTo(vectors.direction, s);
  arithmetic.scale(s, progress.t);
  const curvature = arithmetic.dot(y, s);
  if (!(curvature > 1e-10)) return;
  progress.scale = curvature / arithmetic.dot(y, y);
  progress.ro.push(1 / curvature);
  if (progress.ro.length <= size) return;
  progress.ro.shift();
  progress.first = (progress.first + 1) % (size + 1);
}

/** direction = the inverse Hessian of the history times -gradient, in two loops (Nocedal 1980). */
function turn(vectors: Memory, { ro, scale }: Progress, gradient: Vector): void {
  const { direction, arithmetic } = vectors;
  copyTo(gradient, direction);
  arithmetic.scale(direction, -1);
  const shares = new Float64Array(ro.length);
  for (let i = ro.length - 1; i >= 0; i--) {
    shares[i] = arithmetic.dot(vectors.change('valueChanges', i), direction) * ro[i];
    arithmetic.addScaled(direction, -shares[i], vectors.change('gradientChanges', i));
  }
  if (scale !== 1) arithmetic.scale(direction, scale);
  for (let i = 0; i < ro.length; i++) {
    const share = arithmetic.dot(vectors.change('gradientChanges', i), direction) * ro[i];
    arithmetic.addScaled(direction, shares[i] - share, vectors.change('valueChanges', i));
  }
}

/** The history is of these parameters, and of no others. */
function checkSame(progress: Progress, parameters: readonly Update[]): void {
  const { names } = progress;
  if (progress.iterations === 0) progress.names = parameters.map(({ name }) => name);
  else if (names.length !== parameters.length || parameters.some(({ name }, i) => name !== names[i])) {
    throw new TypeError(
      `LBFGS must find a gradient of the same parameters at every step, ${names.map(show).join(', ')}: got those of ` +
        parameters.map(({ name }) => show(name)).join(', '),
    );
  }
}

/**
 * L-BFGS (Liu & Nocedal 1989, https://doi.org/10.1007/BF01589116; as torch.optim.LBFGS): Newton's method with an inverse Hessian
 * that is made of the last changes of the weights and of the gradient. For losses that are the same at every evaluation: all
 * rows at once.
 *
 * `step(closure)` calls the closure several times, up to `maxEval` and what the last search needs. It stands for an epoch of
 * other optimizers. All parameters are one vector: there is one group, and every step finds gradients of the same
 * parameters. Dot products are in double, in an order that depends on the lengths alone: the same bits on every target.
 *
 * 8 (historySize + 2) bytes of state a float32 weight, of which those that no change has reached are memory that the system has
 * not given yet, and 16 that are used again at every step.
 */
export class LBFGS extends Optimizer<LBFGSOptions, Progress> {
  /** @throws TypeError or RangeError naming the parameter or the option that does not fit. */
  constructor(params: Iterable<Parameter | ParamGroup<LBFGSOptions>>, options: LBFGSOptions = {}) {
    super(define(), params, options);
    if (this.memories.length > 1) throw oneGroup();
  }

  /** @throws RangeError always: all parameters are one vector. */
  override addParamGroup(): void {
    throw oneGroup();
  }
}

function oneGroup(): RangeError {
  return new RangeError('LBFGS must have one group of parameters: all of them are one vector');
}
