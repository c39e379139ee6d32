import { describe, expect, test, vi } from 'vitest';
import { KeptCopies, Lent, plainCopies } from '../../src/backend/memory.js';
import { type Copied, stateCopied } from '../../src/core/copied-state.js';
import type { FloatArray } from '../../src/core/types.js';
import { Adam, Lookahead, SAM, SGD } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import { ExponentialMovingAverage } from '../../src/train/index.js';

const model = () => new nn.Sequential(new nn.Linear(3, 4), new nn.BatchNorm1d(4));

function stepped<O extends { step(): void }>(create: (params: nn.Tensor[]) => O): O {
  const params = model().parameters();
  for (const one of params) one.grad = new Float32Array(one.size).fill(0.5);
  const optimizer = create(params);
  optimizer.step();
  return optimizer;
}

function arraysIn(state: unknown): FloatArray[] {
  if (state instanceof Float32Array) return [state];
  return typeof state === 'object' && state !== null ? Object.values(state).flatMap(arraysIn) : [];
}

describe('a state that is copied another way', () => {
  test.each<[string, Copied<unknown>]>([
    ['Module', model()],
    ['Adam', stepped((params) => new Adam(params))],
    ['Lookahead', stepped((params) => new Lookahead(new Adam(params), { k: 1 }))],
    ['SGD', stepped((params) => new SGD(params, { lr: 1, momentum: 0.5 }))],
    ['Adam in bfloat16', stepped((params) => new Adam(params, { stateDtype: 'bfloat16' }))],
    ['SAM of Adam', new SAM(stepped((params) => new Adam(params)))],
    ['ExponentialMovingAverage', new ExponentialMovingAverage(model().parameters())],
  ])('of %s is that of stateDict(), in copies that were asked for', (_, part) => {
    const copies = new KeptCopies();
    const take = vi.spyOn(copies, 'take');
    const state = stateCopied(part, copies);
    expect(state).toEqual(part.stateDict());
    const made = new Set(take.mock.results.map(({ value }) => value));
    expect(made.size).toBeGreaterThan(0);
    expect(new Set(arraysIn(state))).toEqual(made);
  });

  test("is a user's own where his class has another one", () => {
    class Own extends Adam {
      override stateDict() {
        return { ...super.stateDict(), steps: 7 };
      }
    }
    const own = new Own([{ value: new Float32Array(2), grad: null }]);
    expect(stateCopied(own, plainCopies).steps).toBe(7);
  });
});

test('what is lent is the arrays themselves, and numbers that were packed', () => {
  const optimizer = stepped((params) => new Adam(params, { stateDtype: 'bfloat16' }));
  const [parameter] = optimizer.parameters();
  expect(new Lent(plainCopies).copy(parameter.value)).toBe(parameter.value);
  expect(stateCopied(optimizer, new Lent(plainCopies))).toEqual(optimizer.stateDict());
});

test('copies take the places of those before, once nobody has them', () => {
  const copies = new KeptCopies();
  const [a, b, c] = [Float32Array.of(1, 2), Float32Array.of(3, 4), Float64Array.of(5, 6)];
  const first = [a, b, c].map((array) => copies.copy(array));
  expect(first).toEqual([a, b, c]);
  const meanwhile = copies.copy(a);
  expect(first.includes(meanwhile)).toBe(false);
  copies.release();
  a.fill(9);
  const second = [c, a].map((array) => copies.copy(array));
  expect(second).toEqual([c, a]);
  expect(second.every((copy) => first.includes(copy) || copy === meanwhile)).toBe(true);
  const given: readonly FloatArray[] = [a, b, c];
  expect(second.some((copy) => given.includes(copy))).toBe(false);
  copies.release();
  // What nobody asked for is gone.
  const third = [a, b].map((array) => copies.copy(array));
  expect(third.filter((copy) => first.includes(copy) || copy === meanwhile)).toHaveLength(1);
});
