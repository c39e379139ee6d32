import { arraysOf, type Parameter } from '../../array/parameter.js';
import { RULES } from '../../backend/contract/rules.js';
import { copy, settledArray } from '../../backend/stream.js';
import { written } from '../../core/written.js';
import type { Communicator } from '../../distributed/communicator.js';
import { arrayOf } from '../../nn/engine/tensor.js';
import type { Tensor } from '../../nn/index.js';
import { factorFor } from '../../optim/clip-grad-norm.js';
import { collectGradients, normOf, run, squaresOf } from '../../optim/gradients.js';
import {
  canShare,
  dropStates,
  Optimizer,
  queueShare,
  scaleGradients,
  stepReads,
} from '../../optim/optimizer.js';
import type { Pace } from '../pace.js';
import type { Bucket, Slot } from './buckets.js';
import type { LeafGradients } from './leaf-gradients.js';

/** Products that a rule gathers of a parameter, at most. */
const DOTS = Math.max(...Object.values(RULES).map(({ dots }) => dots));

/**
 * Who steps which parameters, where every rank has a share: a run of whole parameters in the order of the buckets. The rank's
 * optimizer finds no gradient at the others', so that it leaves them alone and keeps nothing for them.
 */
export class Shards {
  readonly #communicator: Communicator;
  readonly #gradients: LeafGradients;
  readonly #pace: Pace;
  readonly #owners: ReadonlyMap<Parameter, number>;
  readonly #slots: readonly Slot[];
  /** What part of the slots each rank has. */
  readonly #bySlot: readonly number[];
  /** By bucket. */
  readonly #partitions: readonly (readonly number[])[];

  constructor(communicator: Communicator, gradients: LeafGradients, pace: Pace) {
    this.#communicator = communicator;
    this.#gradients = gradients;
    this.#pace = pace;
    const { buckets } = gradients;
    this.#slots = buckets.flatMap(({ slots }) => slots);
    this.#owners = ownersOf(buckets, communicator.size);
    const ranks = Array.from({ length: communicator.size - 1 }, (_, r) => r + 1);
    this.#partitions = buckets.map(({ slots, length }) => {
      const beginOf = (rank: number) => slots.find(({ tensor }) => this.saverOf(tensor) >= rank)?.begin;
      return [0, ...ranks.map((rank) => beginOf(rank) ?? length), length];
    });
    const count = this.#slots.length;
    const ownedBefore = (rank: number) =>
      this.#slots.filter(({ tensor }) => this.saverOf(tensor) < rank).length;
    this.#bySlot = [0, ...ranks.map(ownedBefore), count];
  }

  get communicator(): Communicator {
    return this.#communicator;
  }

  /** Has the optimizer keep states of the rank's own parameters alone. */
  start(optimizer: unknown): void {
    if (!(optimizer instanceof Optimizer)) return;
    const { size } = this.#communicator;
    if (this.#slots.length < size && canShare(optimizer) === 'together') {
      throw new RangeError(
        `distributed.shardOptimizer with this optimizer needs a parameter for each of ${size} processes, got ${this.#slots.length}`,
      );
    }
    dropStates(optimizer, (parameter) => this.ownerOf(parameter) === this.#communicator.rank);
  }

  /** What part of a bucket each rank has. */
  partition(bucket: number): readonly number[] {
    return this.#partitions[bucket];
  }

  /** Who steps a parameter: what is no tensor every rank does for itself. */
  ownerOf(parameter: Parameter): number {
    return this.#owners.get(parameter) ?? this.#communicator.rank;
  }

  /** Whose state of a parameter is saved. */
  saverOf(parameter: Parameter): number {
    return this.#owners.get(parameter) ?? 0;
  }

  isOurs({ tensor }: Slot): boolean {
    return this.ownerOf(tensor) === this.#communicator.rank;
  }

  /**
   * As `clipGradNorm` over the gradients of all ranks, with the same bits.
   * @returns the norm before.
   */
  async clip(optimizer: Optimizer, maxNorm: number, label: string): Promise<number> {
    const squares = new Map<Parameter, number>();
    const parameters = optimizer.parameters();
    const own = parameters.filter((parameter) => {
      const { grad, rowGrad } = arraysOf(parameter);
      return grad ?? rowGrad;
    });
    const measured = this.#pace.run(() => run('squares', {}, collectGradients(own)));
    await this.#pace.settled();
    for (const [i, square] of squaresOf(measured).entries()) squares.set(own[i], square);
    const all = await this.#gatherNumbers((tensor) => squares.get(tensor), `squares, ${label}`);
    for (const [tensor, square] of all) squares.set(tensor, square);
    // In the order of the optimizer, as one process adds them up.
    const norm = normOf(parameters.flatMap((parameter) => squares.get(parameter) ?? []));
    const factor = factorFor(norm, maxNorm);
    if (factor !== null) this.#pace.run(() => scaleGradients(optimizer, factor));
    return norm;
  }

  /** Takes a step of the optimizer, of which all ranks know what each has measured. */
  async step(optimizer: Optimizer, closure: () => number, label: string): Promise<void> {
    if (stepReads(optimizer)) await this.#pace.settled();
    const share = this.#pace.run(() => queueShare(optimizer, closure));
    if (share === null) return;
    await this.#pace.settled();
    const own = share.dots();
    const dots = new Map<Parameter, number[]>();
    for (let d = 0; d < DOTS; d++) {
      const all = await this.#gatherNumbers((tensor) => own.get(tensor)?.[d], `products, ${label}`);
      for (const [tensor, number] of all) dots.set(tensor, [...(dots.get(tensor) ?? []), number]);
    }
    this.#pace.runAtOnce(() => share.finish(dots));
    this.start(optimizer);
  }

  /** A number of each parameter, of those that have one. */
  async #gatherNumbers(
    numberOf: (tensor: Tensor) => number | undefined,
    label: string,
  ): Promise<[Tensor, number][]> {
    const flags = Float64Array.from(this.#slots, ({ tensor }) => Number(numberOf(tensor) !== undefined));
    const numbers = Float64Array.from(this.#slots, ({ tensor }) => numberOf(tensor) ?? 0);
    await Promise.all([
      this.#communicator.gatherParts(flags, this.#bySlot, `which have ${label}`),
      this.#communicator.gatherParts(numbers, this.#bySlot, label),
    ]);
    return this.#slots.flatMap(({ tensor }, i) => (flags[i] === 1 ? [[tensor, numbers[i]]] : []));
  }

  /** Has every rank have the values that the others have stepped. Gradients are then gone. */
  async gather(label: string): Promise<void> {
    const { buckets } = this.#gradients;
    this.#pace.run(() =>
      this.#gradients.eachSlot((slot, part) => {
        if (this.isOurs(slot)) copy(arrayOf(slot.tensor), part);
      }),
    );
    await this.#pace.settled();
    await Promise.all(
      buckets.map((_, bucket) =>
        this.#communicator.gatherParts(
          settledArray(this.#gradients.whole(bucket)),
          this.#partitions[bucket],
          `weights of bucket ${bucket}, ${label}`,
        ),
      ),
    );
    this.#pace.run(() => {
      this.#gradients.eachSlot((slot, part) => {
        if (this.isOurs(slot)) return;
        copy(part, arrayOf(slot.tensor));
        slot.tensor[written]();
      });
      this.#gradients.clear();
    });
  }
}

/** Who steps which: about as many elements each, and where there are enough of them at least one parameter. */
function ownersOf(buckets: readonly Bucket[], size: number): Map<Parameter, number> {
  const owners = new Map<Parameter, number>();
  const all = buckets.reduce((sum, { length }) => sum + length, 0);
  const count = buckets.reduce((sum, { slots }) => sum + slots.length, 0);
  let [before, last] = [0, -1];
  for (const { slots, length } of buckets) {
    for (const { tensor, begin, end } of slots) {
      const wanted = Math.floor(((before + (begin + end) / 2) * size) / all);
      // Nobody is left out, neither here nor behind it.
      const least = Math.max(last, 0, size - (count - owners.size));
      last = Math.min(Math.max(wanted, least), last + 1, size - 1);
      owners.set(tensor, last);
    }
    before += length;
  }
  return owners;
}
