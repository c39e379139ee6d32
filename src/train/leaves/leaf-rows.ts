import { queuedValues, RowGradient } from '../../array/row-gradient.js';
import { zeros } from '../../core/dtypes.js';
import type { Communicator } from '../../distributed/communicator.js';
import type { LeafPlan } from '../../distributed/leaf-plan.js';
import { keptGradient } from '../../nn/engine/kept-gradients.js';
import { placeRows } from '../../nn/engine/placed-gradients.js';
import { floatTypeOf } from '../../nn/engine/tensor.js';
import type { Tensor } from '../../nn/index.js';
import type { Pace } from '../pace.js';
import type { Turn } from './turns.js';

/** The rows of a table that leaves have a gradient of. */
interface Table {
  readonly tensor: Tensor;
  /** Sums, by the place of a leaf. */
  readonly places: RowGradient[];
  /** Of all ranks, by their nodes. */
  readonly nodes: RowGradient[];
  has: boolean;
}

/**
 * The gradients of tables of which leaves use a few rows, as of an `Embedding` that is sparse: added up along the same tree as
 * whole gradients are. Rows that only one side of an addition has keep their bits: sums that begin with zero are never -0.
 */
export class LeafRows {
  readonly #tables: readonly Table[];
  #place = 0;

  constructor(tensors: readonly Tensor[]) {
    this.#tables = tensors.map((tensor) => ({ tensor, places: [], nodes: [], has: false }));
  }

  get count(): number {
    return this.#tables.length;
  }

  /** Takes note of which tables have a gradient, before the first step. */
  start(): void {
    for (const table of this.#tables) table.has = keptGradient(table.tensor) !== 'none';
  }

  /** Has the gradients of the next leaf be computed there. */
  begin(place: number): void {
    this.#place = place;
    for (const { tensor, places } of this.#tables) placeRows(tensor, cleared(places, place, tensor));
  }

  /** Adds up what there is, now that the gradients of the leaf are complete. */
  add({ additions }: Turn): void {
    for (const { places } of this.#tables) {
      for (const { to, from } of additions) join(places[to], places[from]);
    }
  }

  /** Whether the leaf at work has used the table, before its gradients are added up. */
  hasArrived(index: number): boolean {
    return this.#tables[index].places[this.#place].count > 0;
  }

  note(index: number): void {
    this.#tables[index].has = true;
  }

  /** Sums over all ranks. Nothing may be pending. */
  async share(communicator: Communicator, plan: LeafPlan, pace: Pace, label: string): Promise<void> {
    for (const [i, table] of this.#tables.entries()) {
      await shareTable(communicator, plan, pace, table, `table ${i}, ${label}`);
    }
  }

  /** Gives tables their sums. @param isAlone whether nothing was shared. */
  finish(isAlone: boolean): void {
    for (const { tensor, places, nodes, has } of this.#tables) {
      placeRows(tensor, has ? (isAlone ? places : nodes)[0] : null);
    }
  }
}

/** The one at this place, without rows. */
function cleared(gradients: RowGradient[], place: number, tensor: Tensor): RowGradient {
  const [rows] = tensor.shape;
  gradients[place] ??= new RowGradient(rows, tensor.size / rows, floatTypeOf(tensor));
  gradients[place].clear();
  return gradients[place];
}

function join(to: RowGradient, from: RowGradient): void {
  to.add(from.rows, queuedValues(from));
}

async function shareTable(
  communicator: Communicator,
  plan: LeafPlan,
  pace: Pace,
  { tensor, places, nodes }: Table,
  label: string,
): Promise<void> {
  const { rank, size } = communicator;
  const own = places.slice(0, plan.nodes(rank).length);
  const firsts = Array.from({ length: size + 1 }, (_, r) => plan.firstNode(r));
  const count = firsts[size - 1] + plan.nodes(size - 1).length;
  firsts[size] = count;

  const counts = new Int32Array(count);
  for (const [i, piece] of own.entries()) counts[firsts[rank] + i] = piece.count;
  await communicator.gatherParts(counts, firsts, `rows used of ${label}`);

  const begins = [0];
  for (const rows of counts) begins.push(begins[begins.length - 1] + rows);
  const columns = tensor.size / tensor.shape[0];
  const rows = new Int32Array(begins[count]);
  const values = zeros(floatTypeOf(tensor), begins[count] * columns);
  for (const [i, piece] of own.entries()) {
    rows.set(piece.rows, begins[firsts[rank] + i]);
    values.set(piece.values, begins[firsts[rank] + i] * columns);
  }
  const partition = firsts.map((first) => begins[first]);
  await Promise.all([
    communicator.gatherParts(rows, partition, `rows of ${label}`),
    communicator.gatherParts(
      values,
      partition.map((begin) => begin * columns),
      `gradients of rows of ${label}`,
    ),
  ]);

  pace.runAtOnce(() => {
    for (let node = 0; node < count; node++) {
      const [begin, end] = [begins[node], begins[node + 1]];
      const part = values.subarray(begin * columns, end * columns);
      cleared(nodes, node, tensor).add(rows.subarray(begin, end), part);
    }
    for (const { to, from } of plan.foldOrder()) join(nodes[to], nodes[from]);
  });
}
