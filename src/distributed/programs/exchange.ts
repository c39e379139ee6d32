import type { ElementArray } from '../../core/types.js';
import type { Addition } from '../leaf-plan.js';
import { type Program, SCRATCH } from '../program.js';
import type { Reduction } from '../world.js';
import { chunksOf, type Interval, placeIn, type Span } from './span.js';

/** Ranks that exchange parts of an array, each with each. */
export interface Group {
  /** In the order of their leaves. */
  readonly peers: readonly number[];
  /** The place of this rank among them. */
  readonly own: number;
  /** The part of each. */
  readonly parts: readonly Interval[];
  /** How many ranks may be waiting in a row before one of them waits for this exchange. */
  readonly depth: number;
}

/** The other peers, each rank beginning with another one, so that not all send to the same. */
function othersOf({ peers, own }: Group, direction: 1 | -1): number[] {
  const { length } = peers;
  return Array.from({ length: length - 1 }, (_, i) => (own + direction * (i + 1) + length) % length);
}

const partOf = ({ parts }: Group, peer: number): Interval => parts[peer] ?? { begin: 0, end: 0 };

/** What peers bring to be summed, and the order of it. */
export interface Fold {
  readonly reduction: Reduction;
  readonly like: ElementArray;
  /** How many nodes each of the peers has. */
  readonly counts: readonly number[];
  /** By the places of nodes among those of all peers. */
  readonly additions: readonly Addition[];
}

/**
 * Everyone gets its part of all peers' nodes, and sums them.
 * @param own the nodes of this rank
 * @param whole where the last addition goes, of which there must be one; null where it goes as the others do
 * @param then what follows a piece of the part once that is summed
 * @returns the nodes of all peers, of which those that no addition was made to are not what they were
 */
export function reduceParts(
  program: Program,
  group: Group,
  fold: Fold,
  own: readonly Span[],
  whole: Span | null,
  then: (chunk: number) => void = () => {},
): readonly Span[] {
  const part = partOf(group, group.own);
  const nodes = nodesOf(program, group, fold, own);
  const width = fold.like.BYTES_PER_ELEMENT;
  const chunks = chunksOf(group.parts, width);
  const begun: number[] = [];
  for (let chunk = 0; chunk < chunks.count; chunk++) {
    for (const peer of othersOf(group, -1)) {
      const place = chunks.of(part, chunk);
      for (const node of nodes[peer] ?? []) program.receive(group.peers[peer] ?? 0, placeIn(node, place));
    }
    for (const peer of othersOf(group, 1)) {
      const place = chunks.of(partOf(group, peer), chunk);
      for (const node of own) program.send(group.peers[peer] ?? 0, placeIn(node, place));
    }
    begun.push(program.messages);
  }
  const all = nodes.flat();
  for (let chunk = 0; chunk < chunks.count; chunk++) {
    program.wait(begun[chunk] ?? 0, group.depth);
    addAll(program, fold, all, whole, chunks.of(part, chunk));
    then(chunk);
  }
  return all;
}

/** Where the nodes of each peer are, of the part of this rank: those of others in scratch. */
function nodesOf(
  program: Program,
  group: Group,
  { counts, like }: Fold,
  own: readonly Span[],
): (readonly Span[])[] {
  const { begin, end } = partOf(group, group.own);
  const width = like.BYTES_PER_ELEMENT;
  const toScratch = (): Span => {
    const offset = program.takeScratch((end - begin) * width);
    return { area: SCRATCH, offset, origin: begin, width };
  };
  return counts.map((count, peer) =>
    peer === group.own ? [...own] : Array.from({ length: count }, toScratch),
  );
}

function addAll(
  program: Program,
  { reduction, like, additions }: Fold,
  nodes: readonly Span[],
  whole: Span | null,
  interval: Interval,
): void {
  const at = (node: number) => nodes[node];
  additions.forEach(({ to, from }, i) => {
    const [left, right] = [at(to), at(from)];
    if (left === undefined || right === undefined)
      throw new RangeError('a plan adds nodes that there are not');
    const result = i === additions.length - 1 && whole !== null ? whole : left;
    program.combine(
      reduction,
      like,
      placeIn(result, interval),
      placeIn(left, interval),
      placeIn(right, interval),
    );
  });
  const [only] = nodes;
  if (additions.length === 0 && only !== undefined && whole !== null && only !== whole) {
    program.copy(placeIn(whole, interval), placeIn(only, interval));
  }
}

/** Begins to hand a piece of this rank's part to all, and to get that of theirs. */
export function gatherChunk(program: Program, group: Group, whole: Span, chunk: number): void {
  const chunks = chunksOf(group.parts, whole.width);
  const place = (peer: number) => placeIn(whole, chunks.of(partOf(group, peer), chunk));
  for (const peer of othersOf(group, -1)) program.receive(group.peers[peer] ?? 0, place(peer));
  for (const peer of othersOf(group, 1)) program.send(group.peers[peer] ?? 0, place(group.own));
}

/** Everyone gets the parts of all. */
export function gatherParts(program: Program, group: Group, whole: Span): void {
  const chunks = chunksOf(group.parts, whole.width);
  for (let chunk = 0; chunk < chunks.count; chunk++) gatherChunk(program, group, whole, chunk);
  program.waitForAll(group.depth);
}
