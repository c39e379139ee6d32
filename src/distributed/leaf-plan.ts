import { checkInteger } from '../core/validate.js';

/**
 * Leaves from `start` on, `width` of them, whose sum is a node of the canonical tree: the sum over them alone, as
 * {@link foldOrder} gives it.
 */
export interface LeafNode {
  readonly start: number;
  readonly width: number;
}

/** An addition: what stands at `to` becomes the sum of both, which is the lower operand first. */
export interface Addition {
  readonly to: number;
  readonly from: number;
}

/**
 * The additions that bring the sum of the items 0 to `count` - 1 to item 0, in the order of the canonical tree: neighbours,
 * then neighbours of those, and so on. It is a function of the number of items alone.
 */
export function foldOrder(count: number): Addition[] {
  const additions: Addition[] = [];
  for (let width = 1; width < count; width *= 2) {
    for (let to = 0; to + width < count; to += 2 * width) additions.push({ to, from: to + width });
  }
  return additions;
}

/**
 * Who sums which leaves (micro-batches) of a step, and how what the ranks have becomes the canonical sum of all leaves: the same
 * bits for every number of ranks, for every addition is one of the tree's.
 */
export class LeafPlan {
  readonly leaves: number;
  readonly ranks: number;
  readonly #nodes: readonly (readonly LeafNode[])[];
  readonly #firstNodes: readonly number[];
  readonly #foldOrder: readonly Addition[];

  /**
   * @param leaves an integer of at least 1.
   * @param ranks an integer of at least 1; where there are more than leaves, some have none.
   */
  constructor(leaves: number, ranks: number) {
    checkInteger('leaves', leaves, 1);
    checkInteger('ranks', ranks, 1);
    this.leaves = leaves;
    this.ranks = ranks;
    this.#nodes = Array.from({ length: ranks }, (_, rank) => nodesIn(this.range(rank), leaves));
    let total = 0;
    this.#firstNodes = this.#nodes.map(({ length }) => {
      total += length;
      return total - length;
    });
    this.#foldOrder = joined(this.#nodes.flat(), leaves);
  }

  /** The leaves of a rank: those from `begin` to, without it, `end`. */
  range(rank: number): { readonly begin: number; readonly end: number } {
    return { begin: this.#firstLeaf(rank), end: this.#firstLeaf(rank + 1) };
  }

  /** What a rank sums before it communicates, in the order of its leaves: as few nodes as its leaves are made of. */
  nodes(rank: number): readonly LeafNode[] {
    return this.#nodes[rank] ?? [];
  }

  /** The place of the rank's first node among those of all ranks. */
  firstNode(rank: number): number {
    return this.#firstNodes[rank] ?? 0;
  }

  /** The additions that bring the sum of all to the first node, by the places of nodes among those of all ranks. */
  foldOrder(): readonly Addition[] {
    return this.#foldOrder;
  }

  #firstLeaf(rank: number): number {
    return Math.floor((rank * this.leaves) / this.ranks);
  }
}

/** The largest nodes of the tree that make up a range. The last node of a width may have fewer leaves. */
function nodesIn({ begin, end }: { begin: number; end: number }, leaves: number): LeafNode[] {
  const nodes: LeafNode[] = [];
  for (let start = begin; start < end; ) {
    let width = 1;
    while (start % (2 * width) === 0 && Math.min(start + 2 * width, leaves) <= end && start + width < end) {
      width *= 2;
    }
    width = Math.min(width, leaves - start);
    nodes.push({ start, width });
    start += width;
  }
  return nodes;
}

/** The additions of the tree that are between two nodes. A node that is added to another one is not needed any more. */
function joined(nodes: readonly LeafNode[], leaves: number): Addition[] {
  const places = new Map(nodes.map(({ start }, place) => [start, place]));
  return foldOrder(leaves).flatMap(({ to, from }) => {
    const [left, right] = [places.get(to), places.get(from)];
    return left === undefined || right === undefined ? [] : [{ to: left, from: right }];
  });
}
