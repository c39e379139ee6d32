// The sums of a rank's leaves are the nodes that the plan says, and each addition is one of the canonical tree.
import { expect, it } from 'vitest';
import { foldOrder, LeafPlan } from '../../../src/distributed/leaf-plan.js';
import { turnsOf } from '../../../src/train/leaves/turns.js';

const sum = (a: string, b: string) => `(${a} ${b})`;

/** The tree over items, as text. */
function folded(items: readonly string[]): string {
  const all = [...items];
  for (const { to, from } of foldOrder(all.length)) all[to] = sum(all[to], all[from]);
  return all[0];
}

it('adds up the leaves of every rank as the canonical tree does', () => {
  for (let leaves = 1; leaves <= 17; leaves++) {
    for (let ranks = 1; ranks <= 9; ranks++) {
      const plan = new LeafPlan(leaves, ranks);
      for (let rank = 0; rank < ranks; rank++) {
        const places: string[] = [];
        for (const { leaf, place, additions } of turnsOf(plan, rank)) {
          expect(place).toBeLessThanOrEqual(Math.log2(leaves) + 1);
          places.length = place;
          places.push(String(leaf));
          for (const { to, from } of additions) places[to] = sum(places[to], places[from]);
          places.length -= additions.length;
        }
        const nodes = plan.nodes(rank).map(({ start, width }) => {
          const end = Math.min(start + width, leaves);
          return folded(Array.from({ length: end - start }, (_, i) => String(start + i)));
        });
        expect(places, `${leaves} leaves, rank ${rank} of ${ranks}`).toEqual(nodes);
      }
    }
  }
});
