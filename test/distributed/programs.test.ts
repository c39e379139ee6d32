import { describe, expect, it } from 'vitest';
import { foldOrder, LeafPlan } from '../../src/distributed/leaf-plan.js';
import { barrierProgram } from '../../src/distributed/programs/barrier.js';
import { broadcastProgram } from '../../src/distributed/programs/broadcast.js';
import { gatherProgram, sumPartsProgram, sumProgram } from '../../src/distributed/programs/sum.js';
import { simulate, type Traffic } from './simulation.js';

/** Numbers of which every order of additions has another sum. */
function leafOf(leaf: number, length: number): Float32Array {
  let state = 12345 + 7919 * leaf;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state / 2 ** 31) * 2 ** ((state >>> 8) % 12);
  });
}

function add(leaves: readonly Float32Array[]): Float32Array {
  const sums = leaves.map((leaf) => leaf.slice());
  for (const { to, from } of foldOrder(sums.length)) {
    const [left, right] = [sums[to], sums[from]];
    right?.forEach((x, i) => {
      if (left !== undefined) left[i] = (left[i] ?? 0) + x;
    });
  }
  return sums[0] ?? new Float32Array(0);
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

interface Run {
  readonly wholes: readonly Float32Array[];
  readonly traffic: readonly Traffic[];
  readonly expected: Float32Array;
}

/** Sums on so many ranks. `isInPlace`: the sum goes where the first piece is. */
function sum(
  leaves: number,
  ranks: number,
  length: number,
  isEager: boolean,
  isInPlace: boolean,
  partition?: number[],
): Run {
  const plan = new LeafPlan(leaves, ranks);
  const data = range(leaves).map((leaf) => leafOf(leaf, length));
  const pieces = range(ranks).map((rank) =>
    plan.nodes(rank).map(({ start, width }) => add(data.slice(start, start + width))),
  );
  const wholes = pieces.map(([first]) =>
    isInPlace && first !== undefined ? first : new Float32Array(length),
  );
  const traffic = simulate(
    ranks,
    (program, rank) => {
      const summands = {
        reduction: 'sum',
        plan,
        pieces: pieces[rank] ?? [],
        whole: wholes[rank] ?? new Float32Array(0),
      } as const;
      if (partition === undefined) sumProgram(program, rank, summands);
      else sumPartsProgram(program, rank, partition, summands);
    },
    isEager,
  );
  return { wholes, traffic, expected: add(data) };
}

describe.each([true, false])('programs, where messages are read early: %s', (isEager) => {
  it('sum along the tree, for any number of leaves and ranks', () => {
    for (const length of [3, 1100]) {
      for (let ranks = 1; ranks <= 9; ranks++) {
        for (const leaves of [1, 2, 3, 6, 8, 12, 13]) {
          const { wholes, expected } = sum(leaves, ranks, length, isEager, leaves % 2 === 0);
          for (const whole of wholes) expect(whole, `${leaves} leaves, ${ranks} ranks`).toEqual(expected);
        }
      }
    }
  });

  it('sum in two levels on many ranks', () => {
    for (const [leaves, ranks] of [
      [16, 16],
      [32, 16],
      [7, 16],
      [48, 18],
      [19, 17],
    ] as const) {
      const { wholes, expected, traffic } = sum(leaves, ranks, 1500, isEager, true);
      for (const whole of wholes) expect(whole, `${leaves} leaves, ${ranks} ranks`).toEqual(expected);
      if (ranks === 16) expect(traffic[0]?.messages).toBeLessThanOrEqual(2 * (3 + 3) * 2);
    }
  });

  it('sum long arrays piece by piece, sending 2n(P-1)/P bytes', () => {
    const length = 450_000;
    for (const ranks of [2, 3]) {
      const { wholes, expected, traffic } = sum(ranks, ranks, length, isEager, true);
      for (const whole of wholes)
        expect(Buffer.compare(Buffer.from(whole.buffer), Buffer.from(expected.buffer))).toBe(0);
      for (const { bytes } of traffic) expect(bytes).toBe((2 * 4 * length * (ranks - 1)) / ranks);
    }
  });

  it('sum parts, of any lengths', () => {
    for (const partition of [
      [0, 5, 5, 30, 40],
      [0, 0, 0, 0, 40],
      [0, 10, 20, 30, 40],
    ]) {
      const { wholes, expected, traffic } = sum(6, 4, 40, isEager, false, partition);
      wholes.forEach((whole, rank) => {
        const [begin, end] = [partition[rank], partition[rank + 1]];
        expect(whole.subarray(begin, end)).toEqual(expected.subarray(begin, end));
      });
      expect(traffic.reduce((all, { bytes }) => all + bytes, 0)).toBeGreaterThan(0);
    }
  });

  it('gather parts of any lengths', () => {
    const partition = [0, 3, 3, 10];
    const wholes = range(3).map((rank) =>
      Float64Array.from({ length: 10 }, (_, i) =>
        i >= (partition[rank] ?? 0) && i < (partition[rank + 1] ?? 0) ? i : -1,
      ),
    );
    simulate(
      3,
      (program, rank) => gatherProgram(program, rank, wholes[rank] ?? new Float64Array(0), partition),
      isEager,
    );
    for (const whole of wholes) expect([...whole]).toEqual(range(10));
  });

  it('broadcast from any rank', () => {
    for (let size = 1; size <= 9; size++) {
      for (let root = 0; root < size; root++) {
        const length = size === 3 ? 140_000 : 11;
        const arrays = range(size).map((rank) => new Int32Array(length).fill(rank));
        simulate(
          size,
          (program, rank) => broadcastProgram(program, rank, size, arrays[rank] ?? new Int32Array(0), root),
          isEager,
        );
        for (const array of arrays) expect(array.every((x) => x === root)).toBe(true);
      }
    }
  });

  it('meet in a barrier', () => {
    for (let size = 1; size <= 9; size++) {
      const traffic = simulate(size, (program, rank) => barrierProgram(program, rank, size), isEager);
      for (const { messages } of traffic) expect(messages).toBe(Math.ceil(Math.log2(size)));
    }
  });
});
