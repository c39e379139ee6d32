import { describe, expect, it } from 'vitest';
import { Generator } from '../../src/array/generator.js';
import { UNARY } from '../../src/backend/contract/kernels.js';
import { kernels, targets, useTarget, useThreads } from '../../src/backend/select.js';
import * as typescript from '../../src/backend/typescript/index.js';
import type { FloatArray } from '../../src/core/types.js';
import type { Argument, Draw, KernelCase } from './cases/case.js';
import { cases } from './cases/index.js';

// Every matrix kernel: the native targets agree bit for bit with each other for any number of threads, the TypeScript
// path agrees with them within a bound, nothing outside of the outputs is written, and an output may be an input where
// the table says so.

const native = targets().filter((target) => target !== 'typescript');

const types = [Float32Array, Float64Array] as const;
type Type = (typeof types)[number];
const GUARD = 5;

interface Call {
  readonly values: (number | FloatArray | Int32Array)[];
  /** What the float views are in the middle of: NaN all round. */
  readonly wholes: FloatArray[];
}

// Drawn once: most of the time would go into drawing.
const drawn = new Map<Draw, Float64Array>();

function numbersOf(draw: Draw): Float64Array {
  const numbers = drawn.get(draw) ?? Float64Array.from({ length: 8191 }, () => draw(source));
  drawn.set(draw, numbers);
  return numbers;
}
const source = new Generator(0);

/** The arguments of a case, the same for the same seed. */
function makeCall({ args }: KernelCase, Type: Type, seed: number): Call {
  const generator = new Generator(seed);
  const wholes: FloatArray[] = [];
  const values = args.map((argument: Argument) => {
    if (typeof argument === 'number') return argument;
    if ('below' in argument) {
      const { from = 0, below, length } = argument;
      return Int32Array.from({ length }, () => from + generator.integer(below - from));
    }
    if (argument.use === 'writeIntegers') return new Int32Array(argument.length).fill(-1);
    const whole = new Type(argument.length + 2 * GUARD).fill(Number.NaN);
    wholes.push(whole);
    const view = whole.subarray(GUARD, GUARD + argument.length);
    const isRead = argument.use !== 'write';
    const numbers = numbersOf(argument.draw);
    const offset = generator.integer(numbers.length);
    if (isRead) fillInTurn(view, numbers, offset);
    return view;
  });
  return { values, wholes };
}

/** Elements are the numbers from `offset` on, again and again. */
function fillInTurn(view: FloatArray, numbers: Float64Array, offset: number): void {
  for (let first = 0, start = offset; first < view.length; start = 0) {
    const part = numbers.subarray(start, start + view.length - first);
    view.set(part, first);
    first += part.length;
  }
}

const outputsOf = ({ args }: KernelCase, { values }: Call): (FloatArray | Int32Array)[] =>
  args.flatMap((argument, i) => {
    const value = values[i];
    const isOutput = typeof argument === 'object' && 'use' in argument && argument.use !== 'read';
    return isOutput && value instanceof Object ? [value] : [];
  });

function run({ kernel }: KernelCase, { values }: Call): void {
  Reflect.apply(kernels()[kernel], null, values);
}

/** Runs a case again and again over the same arrays: new ones would take longer than the kernels. */
function repeatable(
  test: KernelCase,
  Type: Type,
): (target: string, count: number) => (FloatArray | Int32Array)[] {
  const call = makeCall(test, Type, 1);
  const outputs = outputsOf(test, call);
  const before = outputs.map((array) => array.slice());
  return (target, count) => {
    for (const [o, array] of outputs.entries()) array.set(before[o]);
    useTarget(target);
    useThreads(count);
    run(test, call);
    return outputs;
  };
}

function runOn(target: string, count: number, test: KernelCase, Type: Type): (FloatArray | Int32Array)[] {
  useTarget(target);
  useThreads(count);
  const call = makeCall(test, Type, 1);
  run(test, call);
  return outputsOf(test, call);
}

function bytesOf(value: unknown): Buffer {
  if (!ArrayBuffer.isView(value)) throw new TypeError('not an array');
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** What to call a case in a failure. */
const describeCase = ({ kernel, args }: KernelCase) =>
  `${kernel}(${args.map((argument) => (typeof argument === 'number' ? argument : `[${argument.length}]`)).join(', ')})`;

const kernelNames = [...new Set(cases.map(({ kernel }) => kernel))];
const casesOf = (kernel: string) => cases.filter((test) => test.kernel === kernel);

/** The others share with the fastest what they cut into tasks: that each does with each number is for `npm run check`. */
const countsOf = (target: string) =>
  target === native[0] || process.env.LOCKSTEP_TEST_LONG ? [1, 2, 3, 7] : [3];

describe.each(types)('%o', (Type) => {
  it.each(kernelNames)(
    '%s: the same bits on every native target and with any number of threads',
    (kernel) => {
      for (const test of casesOf(kernel)) {
        const again = repeatable(test, Type);
        const first = again(native[0] ?? 'typescript', 1).map((array) => array.slice());
        for (const target of native) {
          for (const count of countsOf(target)) {
            const isSame = again(target, count).every((array, o) => bytesOf(array).equals(bytesOf(first[o])));
            if (!isSame) expect.fail(`${target} with ${count} threads: ${describeCase(test)}`);
          }
        }
      }
    },
  );

  it.each(kernelNames)('%s: TypeScript is within its bound of native', (kernel) => {
    const epsilon = Type === Float32Array ? 2 ** -23 : 2 ** -52;
    const smallest = Type === Float32Array ? 2 ** -126 : 2 ** -1022;
    for (const test of casesOf(kernel)) {
      const expected = runOn('typescript', 1, test, Type);
      const actual = runOn(native[0] ?? 'typescript', 2, test, Type);
      expected.forEach((wanted, o) => {
        const largest = largestOf(wanted);
        for (let i = 0; i < wanted.length; i++) {
          const scale = test.relativeTo === 'element' ? Math.abs(wanted[i]) : largest;
          const bound = test.bound * epsilon * scale + smallest;
          if (Math.abs(actual[o][i] - wanted[i]) <= bound) continue;
          expect(actual[o][i], `${describeCase(test)}: output ${o}[${i}]`).toBe(wanted[i]);
        }
      });
    }
  });
});

function largestOf(values: FloatArray | Int32Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}

/** Nothing is left as it was before the call. */
const isWritten = (values: FloatArray | Int32Array) =>
  !values.includes(values instanceof Int32Array ? -1 : Number.NaN);

describe.each(targets())('%s', (target) => {
  it.each(kernelNames)('%s writes its outputs and nothing else', (kernel) => {
    useTarget(target);
    for (const test of casesOf(kernel)) {
      for (const Type of types) {
        const call = makeCall(test, Type, 2);
        const before = makeCall(test, Type, 2);
        run(test, call);
        const outputs = outputsOf(test, call);
        expect(outputs.every(isWritten), describeCase(test)).toBe(true);
        for (const whole of call.wholes) {
          const guards = [...whole.slice(0, GUARD), ...whole.slice(-GUARD)];
          expect(guards.every(Number.isNaN), describeCase(test)).toBe(true);
        }
        call.values.forEach((value, i) => {
          if (typeof value === 'number' || outputs.some((output) => output === value)) return;
          expect(bytesOf(value).equals(bytesOf(before.values[i])), describeCase(test)).toBe(true);
        });
      }
    }
  });

  const inPlace = cases.filter(({ inPlace }) => inPlace !== undefined);
  it.each([...new Set(inPlace.map(({ kernel }) => kernel))])('%s may be in place', (kernel) => {
    useTarget(target);
    for (const test of casesOf(kernel)) {
      for (const [input, output] of test.inPlace ?? []) {
        const apart = makeCall(test, Float32Array, 3);
        run(test, apart);
        const together = makeCall(test, Float32Array, 3);
        together.values[output] = together.values[input];
        run(test, together);
        const same = bytesOf(together.values[output]).equals(bytesOf(apart.values[output]));
        expect(same, describeCase(test)).toBe(true);
      }
    }
  });
});

describe.each(native)(
  '%s and TypeScript agree on what is not a number, not finite or not normal',
  (target) => {
    const special = [
      0, -0, 1e-45, -1e-45, 1e-310, 1e-38, 88, 89, -88, -104, -105, 710, -746, 1e30, -1e30, -1,
    ];
    const values = [...special, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 1];
    it.each(Object.entries(UNARY))('%s', (_, { forward, backward, reads }) => {
      for (const Type of types) {
        const [x, dy] = [Type.from(values), new Type(values.length).fill(1)];
        const on = (chosen: string) => {
          useTarget(chosen);
          const [y, dx] = [new Type(x.length), new Type(x.length)];
          kernels()[forward](x.length, x, y);
          kernels()[backward](x.length, reads === 'input' ? x : y, dy, dx);
          return [...y, ...dx];
        };
        const actual = on(target);
        on('typescript').forEach((wanted, i) => {
          const tolerance = Math.abs(wanted) * 2 ** (Type === Float32Array ? -20 : -49) + 2 ** -126;
          const close = Object.is(actual[i], wanted) || Math.abs(actual[i] - wanted) <= tolerance;
          if (!close) expect(actual[i], `${Type.name} ${i} of ${x[i % x.length]}`).toBe(wanted);
        });
      }
    });

    it('crossEntropy', () => {
      const logits = Float32Array.from([1, Number.NaN, 2, Number.POSITIVE_INFINITY, 0, 1, 3e38, -3e38, 0]);
      for (const chosen of [target, 'typescript']) {
        useTarget(chosen);
        const [losses, gradient] = [new Float32Array(3), new Float32Array(9)];
        kernels().crossEntropy(3, 3, 0, logits, Int32Array.of(0, 1, 0), losses, gradient);
        expect([...losses, ...gradient.slice(6)]).toEqual([Number.NaN, Number.NaN, 0, 0, 0, 0]);
        expect([...gradient.slice(0, 3)]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
      }
    });
  },
);

it('has a row for every kernel of the mirror but those with tests of their own', () => {
  // step has tests of its own, and those of elements.test.ts and copy-strided.test.ts take several element types.
  const typed =
    /^(copyStrided|cast|(to|from)B?Float16|equal|notEqual|(less|greater)(Equal)?|select|oneHot|logical.*|any|all|squaredDifference|floor(Div|Mod))$/;
  const elsewhere = ['step', ...Object.keys(typescript).filter((name) => typed.test(name))];
  expect([...kernelNames, ...elsewhere].sort()).toEqual(Object.keys(typescript).sort());
});

it.each(native)('%s refuses windows that reach over more than there will be memory for', (target) => {
  useTarget(target);
  const [x, weight, y] = [new Float32Array(2), new Float32Array(2), new Float32Array(1)];
  const call = (dilation: number) =>
    kernels().conv2dForward(1, 2, 1, 1, 1, 2, 1, 1, 1, dilation, 0, 0, 1, 1, 1, 1, 0, 0, x, weight, null, y);
  expect(() => call(2 ** 20)).not.toThrow();
  expect(() => call(2 ** 30)).toThrow(
    /^conv2dForward: the numbers that a row of outputs reaches over must be at most/,
  );
});
