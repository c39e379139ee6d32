import { describe, expect, it } from 'vitest';
import * as lockstep from '../../src/index.js';
import * as nn from '../../src/nn/index.js';

const functions = {
  abs: Math.abs,
  neg: (x: number) => -x,
  square: (x: number) => x * x,
  reciprocal: (x: number) => 1 / x,
  sqrt: Math.sqrt,
  rsqrt: (x: number) => 1 / Math.sqrt(x),
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  tanh: Math.tanh,
  sin: Math.sin,
  cos: Math.cos,
  sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
  softplus: (x: number) => Math.log1p(Math.exp(x)),
  silu: (x: number) => x / (1 + Math.exp(-x)),
  relu: (x: number) => Math.max(x, 0),
  // Abramowitz & Stegun, table 7.1: erf(1/2) and erf(2).
  erf: (x: number) => (x === 0.5 ? 0.5204998778130465 : 0.9953222650189527),
  gelu: (x: number) => (x === 0.5 ? 0.34573123063700656 : 1.9544997361036416),
} as const;

describe.each(Object.entries(functions))('%s', (name, expected) => {
  const f = lockstep[name as keyof typeof functions];
  const inputs = [0.5, 2];

  it('is computed in the element type of its input', () => {
    for (const Type of [Float32Array, Float64Array]) {
      const x = Type.from(inputs);
      const y = f(x);
      expect(y).toBeInstanceOf(Type);
      const epsilon = Type === Float32Array ? 2 ** -23 : 2 ** -51;
      inputs.forEach((input, i) => {
        expect(Math.abs(y[i] / expected(input) - 1), `${name}(${input})`).toBeLessThanOrEqual(epsilon);
      });
      expect([...x]).toEqual(inputs);
    }
  });

  it('writes to out, which may be the input, and returns it', () => {
    const x = Float32Array.from(inputs);
    const y = f(x);
    const out = new Float32Array(2);
    expect(f(x, { out })).toBe(out);
    expect(out).toEqual(y);
    expect(f(x, { out: x })).toBe(x);
    expect(x).toEqual(y);
  });

  it('is the function of the same name on tensors', () => {
    const x = Float64Array.from(inputs);
    expect(nn[name as keyof typeof functions](nn.tensor(x)).value).toEqual(f(x));
  });

  it('takes no elements', () => {
    expect(f(new Float32Array(0))).toEqual(new Float32Array(0));
  });

  it('refuses what does not fit and writes nothing', () => {
    const whole = new Float32Array(5).fill(7);
    const detached = new Float32Array(2);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    const x = whole.subarray(0, 2);
    const call = (...args: unknown[]) => Reflect.apply(f, null, args);
    expect(() => call([1, 2])).toThrow(/^x must be a Float32Array or a Float64Array, got \[1, 2\]/);
    expect(() => call(detached)).toThrow(/^x must not be detached/);
    expect(() => call(x, 3)).toThrow(/: options must be an object, got 3;/);
    expect(() => call(x, { into: x })).toThrow(/into/);
    expect(() => call(x, { out: new Float64Array(2) })).toThrow(/^out must be a Float32Array/);
    expect(() => call(x, { out: new Float32Array(3) })).toThrow(/^out must have 2 elements, got 3/);
    expect(() => call(x, { out: whole.subarray(1, 3) })).toThrow(/^out must be x itself or share no memory/);
    expect([...whole]).toEqual([7, 7, 7, 7, 7]);
  });
});

it('takes gelu by tanh, and no other approximation', () => {
  const x = Float64Array.of(-1, 0.5, 2);
  const expected = [-0.1588080093917233, 0.34571400982514394, 1.954597694087775];
  const y = lockstep.gelu(x, { approximate: 'tanh' });
  y.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 14);
  });
  expect(nn.gelu(nn.tensor(x), { approximate: 'tanh' }).value).toEqual(y);
  expect(new nn.GELU({ approximate: 'tanh' }).forward(nn.tensor(x)).value).toEqual(y);
  const wrong: object = { approximate: 'fast' };
  expect(() => lockstep.gelu(x, wrong)).toThrow(/^approximate must be one of "none", "tanh", got "fast"/);
  expect(() => nn.gelu(nn.tensor(x), wrong)).toThrow(/^approximate must be one of/);
  expect(() => new nn.GELU(wrong)).toThrow(/^approximate must be one of/);
});
