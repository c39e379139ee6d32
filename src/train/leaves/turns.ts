import type { Addition, LeafPlan } from '../../distributed/leaf-plan.js';

/** What becomes of the gradient of a leaf: it is computed at a place, and then sums go on to places before it. */
export interface Turn {
  readonly leaf: number;
  readonly place: number;
  readonly additions: readonly Addition[];
}

/**
 * The leaves of a rank, one after the other, so that in the end place i has the sum of `plan.nodes(rank)[i]`. As with the digits
 * of a counter, there are as many places as the number of leaves has digits, and one: what is complete is added up at once.
 */
export function turnsOf(plan: LeafPlan, rank: number): Turn[] {
  const { begin, end } = plan.range(rank);
  const turns: Turn[] = [];
  // The nodes so far, each with twice the width of the next one or more.
  const nodes: { readonly start: number; width: number }[] = [];
  for (let leaf = begin; leaf < end; leaf++) {
    const additions: Addition[] = [];
    const place = nodes.push({ start: leaf, width: 1 }) - 1;
    for (let from = place; from > 0; from = nodes.length - 1) {
      const left = nodes[from - 1];
      const parentEnd = left.start + 2 * left.width;
      const isWhole = parentEnd <= leaf + 1 || leaf + 1 === plan.leaves;
      if (left.start % (2 * left.width) !== 0 || !isWhole) break;
      additions.push({ to: from - 1, from });
      nodes.pop();
      left.width *= 2;
    }
    turns.push({ leaf, place, additions });
  }
  return turns;
}
