import { describe, expect, it } from 'vitest';
import { foldOrder, LeafPlan } from '../../src/distributed/leaf-plan.js';

/** The sum as text, which tells every order of additions from every other one. */
function fold(items: readonly string[]): string {
  const sums = [...items];
  for (const { to, from } of foldOrder(items.length)) sums[to] = `(${sums[to]}+${sums[from]})`;
  return sums[0] ?? '';
}

const names = (count: number, start = 0) => Array.from({ length: count }, (_, i) => String(start + i));

describe('the canonical tree', () => {
  it('adds neighbours, the lower one first', () => {
    expect(fold(names(1))).toBe('0');
    expect(fold(names(3))).toBe('((0+1)+2)');
    expect(fold(names(6))).toBe('(((0+1)+(2+3))+(4+5))');
    expect(fold(names(8))).toBe('(((0+1)+(2+3))+((4+5)+(6+7)))');
  });
});

describe('LeafPlan', () => {
  it('gives the same tree on every number of ranks', () => {
    for (let leaves = 1; leaves <= 40; leaves++) {
      const whole = fold(names(leaves));
      for (let ranks = 1; ranks <= 20; ranks++) {
        const plan = new LeafPlan(leaves, ranks);
        const sums = Array.from({ length: ranks }, (_, rank) =>
          plan.nodes(rank).map(({ start, width }) => fold(names(width, start))),
        ).flat();
        for (const { to, from } of plan.foldOrder()) sums[to] = `(${sums[to]}+${sums[from]})`;
        expect(sums[0], `${leaves} leaves on ${ranks} ranks`).toBe(whole);
      }
    }
  });

  it('gives every leaf to one rank, in order, and counts the nodes before', () => {
    for (const [leaves, ranks] of [
      [8, 3],
      [3, 8],
      [48, 5],
      [1, 1],
    ] as const) {
      const plan = new LeafPlan(leaves, ranks);
      const found: number[] = [];
      let nodes = 0;
      for (let rank = 0; rank < ranks; rank++) {
        expect(plan.firstNode(rank)).toBe(nodes);
        nodes += plan.nodes(rank).length;
        const { begin, end } = plan.range(rank);
        const own = plan.nodes(rank).flatMap(({ start, width }) => names(width, start).map(Number));
        expect(own).toEqual(names(end - begin, begin).map(Number));
        found.push(...own);
      }
      expect(found).toEqual(names(leaves).map(Number));
      expect(plan.foldOrder()).toHaveLength(nodes - 1);
    }
  });

  it('sums as much as it can before it communicates', () => {
    const widths = (leaves: number, ranks: number, rank: number) =>
      new LeafPlan(leaves, ranks).nodes(rank).map(({ width }) => width);
    expect(widths(8, 2, 1)).toEqual([4]);
    expect(widths(6, 1, 0)).toEqual([6]);
    expect(widths(6, 2, 0)).toEqual([2, 1]);
    expect(widths(6, 2, 1)).toEqual([1, 2]);
    expect(widths(12, 4, 1)).toEqual([1, 2]);
    expect(widths(4, 8, 0)).toEqual([]);
    expect(widths(4, 8, 1)).toEqual([1]);
  });

  it('refuses what are no numbers of leaves and ranks', () => {
    expect(() => new LeafPlan(0, 1)).toThrow(
      new RangeError('leaves must be an integer of at least 1, got 0'),
    );
    expect(() => new LeafPlan(8, 1.5)).toThrow(
      new RangeError('ranks must be an integer of at least 1, got 1.5'),
    );
  });
});
