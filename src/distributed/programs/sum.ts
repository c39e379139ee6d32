import type { ElementArray } from '../../core/types.js';
import { type Addition, LeafPlan } from '../leaf-plan.js';
import { nearRanks, RANKS_OF_TWO_LEVELS } from '../levels.js';
import type { Program } from '../program.js';
import type { Reduction } from '../world.js';
import { type Fold, type Group, gatherChunk, gatherParts, reduceParts } from './exchange.js';
import { equalParts, type Interval, partsOf, spanOf, wholeOf } from './span.js';

/** What is to be summed. */
export interface Summands {
  readonly reduction: Reduction;
  readonly plan: LeafPlan;
  readonly pieces: readonly ElementArray[];
  readonly whole: ElementArray;
}

/** A message of so few bytes takes no longer than an empty one. */
const SMALL_BYTES = 4096;

const ranksFrom = (first: number, count: number, step = 1) =>
  Array.from({ length: count }, (_, i) => first + i * step);

function foldOf(
  { reduction, whole }: Summands,
  counts: readonly number[],
  additions: readonly Addition[],
): Fold {
  return { reduction, like: whole, counts, additions };
}

const nodeCounts = (plan: LeafPlan, ranks: readonly number[]) => ranks.map((rank) => plan.nodes(rank).length);

/** Everyone gets the sum. */
export function sumProgram(program: Program, rank: number, summands: Summands): void {
  const { plan, whole } = summands;
  const near = nearRanks(plan.ranks);
  if (plan.ranks >= RANKS_OF_TWO_LEVELS && near > 1) sumInTwoLevels(program, rank, near, summands);
  else if (whole.byteLength <= SMALL_BYTES) sumEverywhere(program, rank, summands);
  else sumInParts(program, rank, equalParts(wholeOf(whole), plan.ranks), true, summands);
}

/** Every rank gets its part. */
export function sumPartsProgram(
  program: Program,
  rank: number,
  partition: readonly number[],
  summands: Summands,
): void {
  sumInParts(program, rank, partsOf(partition), false, summands);
}

/** Everyone sums its part, and hands a piece of it on while the next ones arrive. */
function sumInParts(
  program: Program,
  rank: number,
  parts: readonly Interval[],
  isGathered: boolean,
  summands: Summands,
): void {
  const { plan, pieces, whole } = summands;
  const peers = ranksFrom(0, plan.ranks);
  const group: Group = { peers, own: rank, parts, depth: 0 };
  const fold = foldOf(summands, nodeCounts(plan, peers), plan.foldOrder());
  const result = spanOf(program, whole);
  const own = pieces.map((piece) => spanOf(program, piece));
  reduceParts(program, group, fold, own, result, (chunk) => {
    if (isGathered) gatherChunk(program, group, result, chunk);
  });
  program.waitForAll();
}

/** Everyone gets everything, and sums it: one exchange instead of two. */
function sumEverywhere(program: Program, rank: number, summands: Summands): void {
  const { whole, plan } = summands;
  sumInParts(
    program,
    rank,
    ranksFrom(0, plan.ranks).map(() => wholeOf(whole)),
    false,
    summands,
  );
}

/**
 * Groups of `near` neighbours sum first, then those that have the same place in their groups: as the leaves of a group follow each
 * other, what it has summed are nodes of the same tree.
 */
function sumInTwoLevels(program: Program, rank: number, near: number, summands: Summands): void {
  const { plan, pieces, whole } = summands;
  const groups = plan.ranks / near;
  const first = Math.floor(rank / near) * near;
  const [inGroup, groupOf] = [rank - first, first / near];
  const nearParts = equalParts(wholeOf(whole), near);
  const nearPart = nearParts[inGroup] ?? { begin: 0, end: 0 };
  const neighbours: Group = { peers: ranksFrom(first, near), own: inGroup, parts: nearParts, depth: 0 };
  const others: Group = {
    peers: ranksFrom(inGroup, groups, near),
    own: groupOf,
    parts: equalParts(nearPart, groups),
    depth: 1,
  };
  const result = spanOf(program, whole);
  const planOfGroups = new LeafPlan(plan.leaves, groups);
  const { counts, additions, remaining } = withinGroup(plan, planOfGroups, groupOf, neighbours.peers);
  const own = pieces.map((piece) => spanOf(program, piece));
  const summed = reduceParts(program, neighbours, foldOf(summands, counts, additions), own, null);
  program.waitForAll(neighbours.depth);
  const nodes = remaining.flatMap((place) => summed[place] ?? []);
  const farCounts = nodeCounts(planOfGroups, ranksFrom(0, groups));
  const farFold = foldOf(summands, farCounts, planOfGroups.foldOrder());
  reduceParts(program, others, farFold, nodes, result);
  program.waitForAll(others.depth);
  gatherParts(program, { ...others, depth: 2 }, result);
  gatherParts(program, { ...neighbours, depth: 3 }, result);
}

/** What a group does of a plan, by the places of its own nodes, and which of them are then those of the plan of groups. */
function withinGroup(
  plan: LeafPlan,
  planOfGroups: LeafPlan,
  group: number,
  ranks: readonly number[],
): { counts: number[]; additions: Addition[]; remaining: number[] } {
  const counts = nodeCounts(plan, ranks);
  const first = plan.firstNode(ranks[0] ?? 0);
  const count = counts.reduce((sum, one) => sum + one, 0);
  const nodes = ranks.flatMap((rank) => plan.nodes(rank));
  const places = new Map(nodes.map(({ start }, place) => [start, place]));
  const targets = planOfGroups.nodes(group);
  const ends = (start: number) =>
    targets.find((node) => node.start <= start && start < node.start + node.width);
  const additions = plan
    .foldOrder()
    .map(({ to, from }) => ({ to: to - first, from: from - first }))
    .filter(({ to, from }) => {
      if (to < 0 || from < 0 || to >= count || from >= count) return false;
      const [left, right] = [nodes[to], nodes[from]];
      return left !== undefined && right !== undefined && ends(left.start) === ends(right.start);
    });
  return { counts, additions, remaining: targets.flatMap(({ start }) => places.get(start) ?? []) };
}

/** Everyone gets the parts of all. */
export function gatherProgram(
  program: Program,
  rank: number,
  whole: ElementArray,
  partition: readonly number[],
): void {
  const parts = partsOf(partition);
  gatherParts(
    program,
    { peers: ranksFrom(0, parts.length), own: rank, parts, depth: 0 },
    spanOf(program, whole),
  );
}
