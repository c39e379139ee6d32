// The numbers of leaves are added up as the definition of the canonical tree says, whoever has which.
import { expect, it } from 'vitest';
import { LeafPlan } from '../../../src/distributed/leaf-plan.js';
import { LeafNumbers } from '../../../src/train/leaves/leaf-numbers.js';
import { loopback } from '../../distributed/loopback.js';

/** Of two and more: the sum of as many of the first as the largest power of two below their number, and that of the others. */
function treeSum(numbers: readonly number[]): number {
  if (numbers.length === 1) return numbers[0];
  let left = 1;
  while (2 * left < numbers.length) left *= 2;
  return treeSum(numbers.slice(0, left)) + treeSum(numbers.slice(left));
}

/** Numbers of which other orders have other sums. */
const numberOf = (leaf: number, column: number) => Math.sin(leaf * leaf + column) * 10 ** (leaf % 5);

it('adds up a column along the canonical tree, on any number of ranks', async () => {
  const columns = 2;
  let differences = 0;
  for (let leaves = 1; leaves <= 17; leaves++) {
    const items = Array.from({ length: leaves }, (_, leaf) => leaf);
    const rows = [0, 1].map((column) => items.map((leaf) => numberOf(leaf, column)));
    for (const ranks of [1, 2, 3, 8]) {
      const plan = new LeafPlan(leaves, ranks);
      const sums = await Promise.all(
        loopback(ranks).map(async (communicator, rank) => {
          const numbers = new LeafNumbers(plan, columns);
          const { begin, end } = plan.range(rank);
          for (let leaf = begin; leaf < end; leaf++) {
            for (let column = 0; column < columns; column++)
              numbers.set(leaf, column, numberOf(leaf, column));
          }
          await numbers.share(communicator, 'numbers');
          return [numbers.sum(0), numbers.sum(1)];
        }),
      );
      for (const sum of sums) expect(sum, `${leaves} leaves, ${ranks} ranks`).toEqual(rows.map(treeSum));
    }
    if (rows.some((row) => treeSum(row) !== row.reduce((sum, number) => sum + number))) differences++;
  }
  expect(differences, 'leaves whose sum depends on the order').toBeGreaterThan(5);
});
