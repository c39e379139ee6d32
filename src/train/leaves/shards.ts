import { arraysOf, type Parameter } from '../../array/parameter.js';
import { copy } from '../../backend/stream.js';
import { written } from '../../core/written.js';
import type { Communicator } from '../../distributed/communicator.js';
import { arrayOf } from '../../nn/engine/tensor.js';
import { factorFor } from '../../optim/clip-grad-norm.js';
import { collectGradients, normOf, run, squaresOf } from '../../optim/gradients.js';
import { dropStates, Optimizer, scaleGradients } from '../../optim/optimizer.js';
import type { Pace } from '../pace.js';
import type { Slot } from './buckets.js';
import type { LeafGradients } from './leaf-gradients.js';

const NONE = -1;

/**
 * Who steps which parameters, where every rank has a share: a run of whole parameters in the order of the buckets. The rank's
 * optimizer finds no gradient at the others', so that it leaves them alone and keeps nothing for them.
 */
export class Shards {
  readonly #communicator: Communicator;
  readonly #gradients: LeafGradients;
  readonly #pace: Pace;
  readonly #owners: ReadonlyMap<Parameter, number>;
  /** By bucket. */
  readonly #partitions: readonly (readonly number[])[];

  constructor(communicator: Communicator, gradients: LeafGradients, pace: Pace) {
    this.#communicator = communicator;
    this.#gradients = gradients;
    this.#pace = pace;
    const { size } = communicator;
    const { buckets } = gradients;
    const all = buckets.reduce((sum, { length }) => sum + length, 0);
    const owners = new Map<Parameter, number>();
    let before = 0;
    this.#partitions = buckets.map(({ slots, length }) => {
      for (const { tensor, begin, end } of slots) {
        owners.set(tensor, Math.min(size - 1, Math.floor(((before + (begin + end) / 2) * size) / all)));
      }
      before += length;
      const beginOf = (rank: number) =>
        slots.find(({ tensor }) => Number(owners.get(tensor)) >= rank)?.begin ?? length;
      return [0, ...Array.from({ length: size - 1 }, (_, r) => beginOf(r + 1)), length];
    });
    this.#owners = owners;
  }

  get communicator(): Communicator {
    return this.#communicator;
  }

  /** Has the optimizer keep states of the rank's own parameters alone. */
  start(optimizer: unknown): void {
    if (!(optimizer instanceof Optimizer)) return;
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
    await this.#shareSquares(squares, label);
    // In the order of the optimizer, as one process adds them up.
    const norm = normOf(parameters.flatMap((parameter) => squares.get(parameter) ?? []));
    const factor = factorFor(norm, maxNorm);
    if (factor !== null) this.#pace.run(() => scaleGradients(optimizer, factor));
    return norm;
  }

  async #shareSquares(squares: Map<Parameter, number>, label: string): Promise<void> {
    const slots: Slot[] = [];
    this.#gradients.eachSlot((slot) => slots.push(slot));
    // Where there is no gradient: no sum of squares is that.
    const all = Float64Array.from(slots, ({ tensor }) => squares.get(tensor) ?? NONE);
    const { size } = this.#communicator;
    const beginOf = (rank: number) => slots.filter(({ tensor }) => this.ownerOf(tensor) < rank).length;
    const partition = Array.from({ length: size + 1 }, (_, rank) => beginOf(rank));
    await this.#communicator.gatherParts(all, partition, `squares of gradients, ${label}`);
    for (const [i, { tensor }] of slots.entries()) {
      if (all[i] !== NONE) squares.set(tensor, all[i]);
    }
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
          this.#gradients.whole(bucket),
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
