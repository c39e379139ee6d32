import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UNARY } from '../../src/backend/contract/kernels.js';
import { kernels, targets, useTarget } from '../../src/backend/select.js';
import * as typescript from '../../src/backend/typescript/index.js';
import * as lockstep from '../../src/index.js';

// A sample of what `npm run check:math` shows for every float32: the error of each function, in units in the last
// place, is within the recorded bound. The true value is what TypeScript gives in float64, good for 13 digits or more.

interface Bound {
  readonly ulp: number;
  /** Where the largest error was found, as C prints it in hexadecimal. */
  readonly at: string;
  /** Over which it was found: 'all', or how many of them. */
  readonly inputs: string;
}

type Name = keyof typeof UNARY;
const names: readonly Name[] = Object.keys(UNARY).filter((name): name is Name => name in UNARY);
const bounds: Record<string, Record<'float32' | 'float64', Bound>> = JSON.parse(
  readFileSync('test/math/bounds.json', 'utf8'),
);

/** Equally spaced in bits: every exponent, both signs, infinities, NaN and subnormal numbers. */
const sample = new Float32Array(Uint32Array.from({ length: 2 ** 16 + 1 }, (_, i) => i * 65535).buffer);

function fromHexadecimal(text: string): number {
  const match = /^(-?)0x([01])(?:\.([0-9a-f]+))?p([+-]\d+)$/.exec(text);
  if (match === null) return Number(text.replace('inf', 'Infinity').replace('nan', 'NaN'));
  const [, sign, whole, fraction = '', exponent] = match;
  const mantissa = Number.parseInt(whole + fraction, 16) / 16 ** fraction.length;
  return (sign === '-' ? -1 : 1) * mantissa * 2 ** Number(exponent);
}

/** Units in the last place of float32 around x. */
function unitAt(x: number): number {
  let exponent = Math.floor(Math.log2(Math.abs(x)));
  if (2 ** exponent > Math.abs(x)) exponent--;
  return 2 ** (Math.max(Number.isFinite(exponent) ? exponent : -126, -126) - 23);
}

const LARGEST = 2 ** 128 - 2 ** 104;

/** The error of y in units in the last place; infinite where the two differ in kind. */
function errorOf(y: number, exact: number): number {
  if (Number.isNaN(y) || Number.isNaN(exact)) return Number.isNaN(y) === Number.isNaN(exact) ? 0 : Infinity;
  if (!Number.isFinite(y)) return Math.abs(exact) >= LARGEST && y > 0 === exact > 0 ? 0 : Infinity;
  if (!Number.isFinite(exact)) return Infinity;
  return Math.abs(y - exact) / unitAt(exact);
}

/**
 * The most that a bound may be in float32: GELU within four units takes half of the time that it takes within one. Mish is a
 * chain of six roundings behind an exponential, in either type.
 */
const limits: Record<string, number> = { exp: 1, log: 1, tanh: 1, sigmoid: 1, erf: 1, gelu: 4, mish: 5 };

/** The same in float64: the sum of the roundings of a root, a quotient and a series; mish as above. */
const limits64: Record<string, number> = { asin: 2.1, sinh: 2.1, acosh: 3, mish: 5 };

it('records a bound of at most two units for every function, but for few', () => {
  expect(Object.keys(bounds).sort()).toEqual([...names].sort());
  for (const [name, { float32, float64 }] of Object.entries(bounds)) {
    expect(float32.ulp, name).toBeLessThanOrEqual(limits[name] ?? 2);
    expect(float64.ulp, name).toBeLessThanOrEqual(limits64[name] ?? 2);
  }
});

it('documents the recorded bounds of those that are functions on arrays', () => {
  const source = readFileSync('src/array/unary.ts', 'utf8');
  const documented = [...source.matchAll(/\/\*\*((?:(?!\*\/).)*)\*\/\s*export function (\w+)/gs)].flatMap(
    ([, comment, name]) =>
      [...comment.matchAll(/(With tanh|Error bound): (\S+) ULP in float32, (\S+) in float64/g)].map(
        ([, which, float32, float64]) =>
          [which === 'With tanh' ? 'geluTanh' : name, Number(float32), Number(float64)] as const,
      ),
  );
  const onArrays = names.filter((name) => name === 'geluTanh' || name in lockstep);
  expect(documented.map(([name]) => name).sort()).toEqual(onArrays.sort());
  for (const [name, float32, float64] of documented) {
    expect([float32, float64], name).toEqual([bounds[name]?.float32.ulp, bounds[name]?.float64.ulp]);
  }
});

describe.each(targets())('%s', (target) => {
  it.each(names)('%s', (name) => {
    const { ulp, at } = bounds[name].float32;
    const inputs = new Float32Array([fromHexadecimal(at), ...sample]);
    const exact = new Float64Array(inputs.length);
    typescript[`${name}Forward`](inputs.length, Float64Array.from(inputs), exact);
    useTarget(target);
    const y = new Float32Array(inputs.length);
    kernels()[`${name}Forward`](inputs.length, inputs, y);
    // What the true value itself may be off by.
    const bound = ulp + 1e-3;
    y.forEach((value, i) => {
      const error = errorOf(value, exact[i]);
      if (error > bound) expect(error, `${name}(${inputs[i]}) is ${value}`).toBeLessThanOrEqual(bound);
    });
  });
});
