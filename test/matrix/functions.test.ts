// The kernels of functions that nothing else here uses, against plain formulas.
import { describe, expect, it } from 'vitest';
import { kernels, targets, useTarget } from '../../src/backend/select.js';

const x = Float64Array.of(-30, -3, -1.5, -0.25, -1e-9, 1e-9, 0.5, 2, 30);
const n = x.length;
const SCALE = 1.0507009873554805;
const ALPHA = 1.6732632423543772;

describe.each(targets())('%s', (target) => {
  /** What a kernel writes to its last argument. */
  function run(kernel: (out: Float64Array) => void): number[] {
    useTarget(target);
    const out = new Float64Array(n);
    kernel(out);
    return [...out];
  }

  function expectClose(actual: readonly number[], expected: (x: number) => number, tolerance = 1e-14) {
    actual.forEach((value, i) => {
      expect(Math.abs(value - expected(x[i])), `of ${x[i]}`).toBeLessThanOrEqual(
        tolerance * Math.max(1, Math.abs(expected(x[i]))),
      );
    });
  }

  it('ELU and SELU', () => {
    expectClose(
      run((out) => kernels().eluForward(n, x, out)),
      (v) => (v > 0 ? v : Math.expm1(v)),
    );
    expectClose(
      run((out) => kernels().seluForward(n, x, out)),
      (v) => SCALE * (v > 0 ? v : ALPHA * Math.expm1(v)),
    );
  });

  it.each(['elu', 'selu'] as const)('%s: the gradient is that of differences', (name) => {
    useTarget(target);
    const step = 1e-6;
    const at = (shift: number) =>
      run((out) =>
        kernels()[`${name}Forward`](
          n,
          x.map((v) => v + shift),
          out,
        ),
      );
    const [above, below] = [at(step), at(-step)];
    const dy = Float64Array.from(x, (_, i) => i + 1);
    const dx = run((out) => kernels()[`${name}Backward`](n, Float64Array.from(at(0)), dy, out));
    dx.forEach((value, i) => {
      if (Math.abs(x[i]) > step)
        expect(value, `of ${x[i]}`).toBeCloseTo((dy[i] * (above[i] - below[i])) / (2 * step), 6);
    });
  });

  it('leaky ReLU and its gradient, also of 0, and where the slope is negative', () => {
    const values = Float64Array.of(-2, -0.5, -0, 0, 0.5, 2, Number.NaN, Infinity, -Infinity);
    for (const alpha of [0.2, 0, -0.5]) {
      const finite = values.filter((v) => alpha !== 0 || v !== -Infinity);
      const [y, dx] = [new Float64Array(finite.length), new Float64Array(finite.length)];
      useTarget(target);
      kernels().leakyReluForward(finite.length, alpha, finite, y);
      expect([...y]).toEqual([...finite].map((v) => (v > 0 ? v : alpha * v)));
      const dy = Float64Array.from(finite, (_, i) => i + 1);
      kernels().leakyReluBackward(finite.length, alpha, finite, dy, dx);
      expect([...dx]).toEqual([...finite].map((v, i) => (v > 0 ? 1 : alpha) * (i + 1)));
    }
  });

  it('PReLU, with a slope for each column', () => {
    useTarget(target);
    const out = new Float32Array(6);
    const slopes = Float32Array.of(0.5, 0, -1);
    // The second operand is repeated along the rows.
    kernels().prelu(0o20, 1, 2, 3, Float32Array.of(-2, -2, -2, 3, -0.5, Number.NaN), slopes, out);
    expect([...out]).toEqual([-1, -0, 2, 3, -0, Number.NaN]);
  });

  it('the unit step: alpha up to 0, NaN stays', () => {
    useTarget(target);
    const values = Float32Array.of(-Infinity, -1e-45, -0, 0, 1e-45, Infinity, Number.NaN);
    const out = new Float32Array(values.length);
    kernels().unitStep(values.length, 0.1, values, out);
    const alpha = Math.fround(0.1);
    expect([...out]).toEqual([alpha, alpha, alpha, alpha, 1, 1, Number.NaN]);
  });
});
