// Optimizers whose parameters are one of two points, or that are told more than gradients.
import { describe, expect, test } from 'vitest';
import { Prodigy, ScheduleFreeAdamW, ScheduleFreeSGD, SophiaG, targets, useTarget } from '../../src/index.js';

const parameter = () => ({ name: 'w', value: Float64Array.of(1, -2, 3), grad: new Float64Array(3) });

describe.each(targets())('on %s', (target) => {
  test('schedule-free SGD: eval() gives the weighted average of the steps, train() the point between', () => {
    useTarget(target);
    const [beta, lr] = [0.8, 0.1];
    const w = parameter();
    const optimizer = new ScheduleFreeSGD([w], { lr, momentum: beta });
    optimizer.eval();
    optimizer.train();
    const z = [...w.value];
    const x = [...w.value];
    for (let t = 1; t <= 6; t++) {
      for (let i = 0; i < 3; i++) {
        w.grad[i] = (i + 1) * w.value[i];
        z[i] -= lr * w.grad[i];
        x[i] += (z[i] - x[i]) / t;
      }
      optimizer.step();
    }
    const between = Array.from(z, (value, i) => (1 - beta) * value + beta * x[i]);
    for (let i = 0; i < 3; i++) expect(w.value[i]).toBeCloseTo(between[i], 13);
    optimizer.eval();
    optimizer.eval();
    for (let i = 0; i < 3; i++) expect(w.value[i]).toBeCloseTo(x[i], 13);
    expect(() => optimizer.step()).toThrow('ScheduleFreeSGD: call train() before step()');
    const saved = optimizer.stateDict();
    const other = new ScheduleFreeSGD([{ ...w, grad: new Float64Array(3) }], { lr, momentum: beta });
    other.loadStateDict(structuredClone(saved));
    expect(() => other.step()).toThrow('call train() before step()');
    optimizer.train();
    for (let i = 0; i < 3; i++) expect(w.value[i]).toBeCloseTo(between[i], 13);
  });

  test('schedule-free AdamW: a parameter that took no step is the same in both', () => {
    useTarget(target);
    const [w, idle] = [parameter(), { name: 'idle', value: Float32Array.of(5), grad: null }];
    w.grad.fill(1);
    const optimizer = new ScheduleFreeAdamW([{ params: [w] }, { params: [idle], lr: 0.1 }]);
    optimizer.step();
    optimizer.step();
    const trained = [...w.value];
    optimizer.eval();
    expect([...w.value]).not.toEqual(trained);
    expect(idle.value).toEqual(Float32Array.of(5));
    optimizer.train();
    for (let i = 0; i < 3; i++) expect(w.value[i]).toBeCloseTo(trained[i], 14);
  });

  test('Sophia moves by the moment over the Hessian, at most by the rate', () => {
    useTarget(target);
    const w = parameter();
    const optimizer = new SophiaG([w], {
      lr: 0.1,
      betas: [0.5, 0.9],
      rho: 0.5,
      batchSize: 2,
      weightDecay: 0,
    });
    optimizer.updateHessian();
    w.grad.set([1, 1, -1]);
    optimizer.step();
    expect([...w.value]).toEqual([0.9, -2.1, 3.1]);
    w.grad.set([10, 2, 0]);
    optimizer.updateHessian();
    w.grad.set([1, 1, -1]);
    optimizer.step();
    // m = 0.75 and -0.75; h = 0.1 g^2 = 10, 0.4, 0.
    const expected = [0.9 - (0.1 * 0.75) / 10, -2.2, 3.2];
    for (let i = 0; i < 3; i++) expect(w.value[i]).toBeCloseTo(expected[i], 13);
  });
});

describe('Prodigy', () => {
  test('counts the gradients of every group with its own rate', () => {
    const d0 = 0.1;
    const rows = [
      [1, 0.25, 0.5],
      [3, -1, 2],
      [0.1, 7, -4],
    ];
    const params = [1, 0.25, 0.5].map((lr, i) => ({
      lr,
      params: [{ value: new Float64Array(3), grad: Float64Array.from(rows[i]) }],
    }));
    const optimizer = new Prodigy(params, { d0, dCoef: 10, betas: [0, 0], beta3: 0.9 });
    const starts = params.map(({ params: [{ value }] }) => value.slice());
    optimizer.step();
    expect(optimizer.d).toBe(d0);
    let [numerator, denominator] = [0, 0];
    for (const [i, { lr, params: group }] of params.entries()) {
      for (const { value, grad } of group) {
        for (const [j, g] of grad.entries()) {
          const share = d0 * lr * (0.9 * g + 2 * g);
          grad[j] = 2 * g;
          numerator += d0 * lr * grad[j] * (starts[i][j] - value[j]);
          denominator += Math.abs(share);
        }
      }
    }
    optimizer.step();
    expect(optimizer.d).toBeCloseTo((10 * numerator) / denominator, 14);
    expect(optimizer.d).not.toBe(d0);
  });
});
