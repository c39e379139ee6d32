// A step over the arrays of the one before is taken again without reading them, and is the step that reading would give.
import { describe, expect, test } from 'vitest';
import type { Repeat } from '../../src/backend/contract/rules.js';
import { kernels } from '../../src/backend/select.js';
import { Adam, targets, useTarget } from '../../src/index.js';
import { ReusableBatch } from '../../src/optim/batches.js';
import { randomNumbers, table } from './table.js';

const LENGTH = 70;
const random = randomNumbers(3);
const numbers = () => Float32Array.from({ length: LENGTH }, random);
const STEPS = 8;
const grads = Array.from({ length: STEPS }, numbers);
const value = numbers();

/** Two parameters, of which the second has the gradient times -1, after each step. */
function train(
  row: (typeof table)[number],
  change: (params: { value: Float32Array; grad: Float32Array }[], step: number) => void,
): number[][] {
  const params = [0, 1].map(() => ({ value: value.slice(), grad: new Float32Array(LENGTH) }));
  const optimizer = row.create(params, row.options[row.options.length - 1]);
  return grads.map((grad, step) => {
    change(params, step);
    params.forEach((param, p) => {
      param.grad.set(p === 0 ? grad : grad.map((x) => -x));
    });
    optimizer.step();
    return params.flatMap((param) => [...param.value]);
  });
}

const changes: Record<string, Parameters<typeof train>[1]> = {
  'nothing but numbers': () => {},
  'a gradient': (params, step) => {
    if (step === 4) params[1].grad = params[1].grad.slice();
  },
  'the places of two gradients': (params, step) => {
    if (step === 4) [params[0].grad, params[1].grad] = [params[1].grad, params[0].grad];
  },
  'a parameter': (params, step) => {
    if (step === 5) params[0].value = params[0].value.slice();
  },
  'the target': (_, step) =>
    useTarget(targets()[step % 3 === 2 ? targets().length - 1 : step % targets().length]),
};

describe.each(table)('$name', (row) => {
  test.each(Object.entries(changes))('steps as ever while %s changes', (_, change) => {
    for (const target of targets()) {
      useTarget(target);
      // New arrays at each step leave nothing to repeat.
      const expected = train(row, (params) => {
        for (const param of params) param.grad = param.grad.slice();
      });
      expect(train(row, change), target).toEqual(expected);
    }
  });
});

test('an error while parameters are read leaves no old step to be taken again', () => {
  for (const target of targets()) {
    useTarget(target);
    let fails = false;
    const lr = () => {
      if (fails) throw new Error('no rate');
      return 0.1;
    };
    const [first, second] = [0, 1].map(() => ({ value: value.slice(), grad: grads[0].slice() }));
    const optimizer = new Adam([{ params: [first] }, { params: [second], lr }]);
    for (let step = 0; step < 4; step++) optimizer.step();
    const old = first.value.slice();
    const replaced = { ...first };
    first.value = value.slice();
    fails = true;
    expect(() => optimizer.step()).toThrow('no rate');
    fails = false;
    optimizer.step();
    expect(replaced.value, target).toEqual(old);
    expect(first.value, target).not.toEqual(value);
  }
});

test('a step that fails leaves none to be taken again', () => {
  for (const target of targets()) {
    useTarget(target);
    const w = { value: value.slice(), grad: grads[0].slice() };
    const optimizer = new Adam([w]);
    for (let step = 0; step < 4; step++) optimizer.step();
    const before = w.value.slice();
    structuredClone(w.grad, { transfer: [w.grad.buffer] });
    for (let again = 0; again < 3; again++) expect(() => optimizer.step(), target).toThrow(RangeError);
    expect(w.value, target).toEqual(before);
  }
});

describe.each(targets().slice(0, -1))('on %s a step that is kept', (target) => {
  function kept(operands: readonly Float32Array[]): { repeat: Repeat | undefined; batch: ReusableBatch } {
    useTarget(target);
    const batch = new ReusableBatch();
    batch.start('sgd', { lr: 1, weightDecay: 0, maximize: 0 });
    for (const operand of operands) batch.add(operand);
    batch.finish();
    return { repeat: kernels().step([batch], true), batch };
  }

  test('is taken with the numbers that are there', () => {
    const [p, g] = [Float32Array.of(10, 20), Float32Array.of(1, 2)];
    const { repeat, batch } = kept([p, g]);
    g[1] = 5;
    batch.scalars[0] = 2;
    expect([repeat?.(), ...p]).toEqual([true, 7, 8]);
  });

  test('is none unless asked for', () => {
    const { batch } = kept([new Float32Array(1), new Float32Array(1)]);
    expect(kernels().step([batch])).toBeUndefined();
    expect(kernels().step([batch], false)).toBeUndefined();
  });

  test.each(['parameter', 'gradient', 'scalars'])(
    'does nothing once the buffer of its %s is detached',
    (taken) => {
      const [p, g] = [Float32Array.of(10), Float32Array.of(1)];
      const { repeat, batch } = kept([p, g]);
      const { buffer } = { parameter: p, gradient: g, scalars: batch.scalars }[taken] ?? p;
      if (buffer instanceof ArrayBuffer) structuredClone(buffer, { transfer: [buffer] });
      expect(buffer.byteLength).toBe(0);
      expect([repeat?.(), p[0]]).toEqual([false, taken === 'parameter' ? undefined : 9]);
    },
  );

  test('does nothing on another target', () => {
    const p = Float32Array.of(10);
    const { repeat } = kept([p, Float32Array.of(1)]);
    expect([repeat?.(), p[0]]).toEqual([true, 8]);
    const [other] = targets().filter((name) => name !== target && name !== 'typescript');
    if (other === undefined) return;
    useTarget(other);
    expect([repeat?.(), p[0]]).toEqual([false, 8]);
    useTarget(target);
    expect([repeat?.(), p[0]]).toEqual([false, 8]);
  });

  test('does nothing once it is over', () => {
    const p = Float32Array.of(10);
    const { repeat } = kept([p, Float32Array.of(1)]);
    expect([repeat?.(), repeat?.(false), repeat?.(true), repeat?.(), p[0]]).toEqual([
      true,
      true,
      false,
      false,
      7,
    ]);
  });
});
