import { describe, expect, test } from 'vitest';
import { cosine } from '../../src/index.js';
import { detach, makeParams, takeSteps } from './params.js';
import { bits, elementTypes, label, randomNumbers, table } from './table.js';

describe.each(table)('$name', (row) => {
  test.each(elementTypes)('finds the bottom of a bowl, %o', (ArrayType) => {
    const param = { value: ArrayType.of(1, -0.5, 2), grad: new ArrayType(3) };
    const optimizer = row.create([param], { lr: cosine(row.rate, { steps: 2000, min: 0 }) });
    for (let s = 0; s < 2000; s++) {
      for (let i = 0; i < 3; i++) param.grad[i] = 2 * (i + 1) * (param.value[i] - i);
      optimizer.step();
    }
    for (let i = 0; i < 3; i++) expect(Math.abs(param.value[i] - i)).toBeLessThan(3e-2);
  });

  test.each(row.options.map((options) => ({ options, shown: label(options) })))(
    'saved and resumed, it goes on with the same bits: $shown',
    ({ options }) => {
      for (const at of [0, 1, 2, 3, 4, 9]) {
        const whole = makeParams(['a', undefined, 'c']);
        const first = makeParams(['a', undefined, 'c']);
        const straight = row.create(whole, options);
        takeSteps(straight, randomNumbers(3), 12);

        const random = randomNumbers(3);
        const before = row.create(first, options);
        takeSteps(before, random, at);
        const saved = before.stateDict();
        const second = first.map((param) => ({
          ...param,
          value: param.value.slice(),
          grad: param.grad.slice(),
        }));
        takeSteps(before, randomNumbers(99), 2); // must not reach into what was saved
        const after = row.create(second, options);
        after.loadStateDict(structuredClone(saved));
        takeSteps(after, random, 12 - at);
        expect(second.map(({ value }) => bits(value))).toEqual(whole.map(({ value }) => bits(value)));
      }
    },
  );

  test('a parameter without a gradient is skipped, its step count too', () => {
    const params = makeParams(['a', 'b']);
    const optimizer = row.create(params, { weightDecay: 0.1 });
    const { value } = params[1];
    const before = bits(value);
    const without: { grad: unknown } = params[1];
    without.grad = null;
    takeSteps(optimizer, randomNumbers(1), 3);
    expect(bits(value)).toBe(before);
    expect(optimizer.stateDict().parameters.b).toEqual({ step: 0, arrays: {} });
    expect(optimizer.stateDict().parameters.a.step).toBe(3);
  });

  test('a zero gradient is not a missing one', () => {
    const params = makeParams(['a']);
    const optimizer = row.create(params, {});
    optimizer.zeroGrad();
    optimizer.step();
    expect(optimizer.stateDict().parameters.a.step).toBe(1);
  });

  test('refuses what does not fit, and changes nothing', () => {
    const params = makeParams(['a', 'b']);
    const optimizer = row.create(params, {});
    takeSteps(optimizer, randomNumbers(1), 2);
    const untouched = () => [params.map(({ value }) => bits(value)), optimizer.stateDict()];
    const before = untouched();
    const broken: { grad: unknown } = params[1];
    const whole = params[1].grad;
    for (const [grad, error] of [
      [new Float32Array(5), /parameter "b"\.grad must have 6 elements as its value has, got 5/],
      [
        new Float64Array(6),
        /parameter "b"\.grad must be a Float32Array as its value is, got Float64Array\(6\)/,
      ],
      [[1, 2, 3, 4, 5, 6], /parameter "b"\.grad must be a Float32Array/],
      ['zero', /parameter "b"\.grad must be a Float32Array as its value is, got "zero"/],
    ] as const) {
      broken.grad = grad;
      expect(() => optimizer.step()).toThrow(error);
      expect(untouched()).toEqual(before);
    }
    broken.grad = whole;
    detach(whole);
    expect(() => optimizer.step()).toThrow(/parameter "b"\.grad must have 6 elements .* detached/);
    expect(untouched()).toEqual(before);
  });

  test.each([
    [{ lr: -1 }, RangeError, /lr must be .* got -1/],
    [{ lr: NaN }, RangeError, /lr/],
    [{ lr: 'fast' }, TypeError, /lr must be .* got "fast"/],
    [{ weightDecay: -0.1 }, RangeError, /weightDecay must be .* got -0.1/],
    [{ maximize: 1 }, TypeError, /maximize must be a boolean, got 1/],
    [{ learningRate: 0.1 }, TypeError, /has no option "learningRate"/],
  ] as const)('refuses the options %o', (options, Type, message) => {
    const create = () => row.create(makeParams(['a']), options);
    expect(create).toThrow(Type);
    expect(create).toThrow(message);
  });

  test.each(row.refused)('refuses the options %o', (options, message) => {
    expect(() => row.create(makeParams(['a']), options)).toThrow(message);
    // A group's options are checked like the optimizer's, and the parameters stay free.
    const params = makeParams(['a', 'b']);
    const optimizer = row.create([params[0]]);
    expect(() => optimizer.addParamGroup({ params: [params[1]], ...options })).toThrow(message);
    optimizer.addParamGroup({ params: [params[1]] });
  });
});
