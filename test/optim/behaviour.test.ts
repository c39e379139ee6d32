import { describe, expect, test } from 'vitest';
import {
  Adam,
  clipGradNorm,
  constantWarmup,
  cosine,
  type FloatArray,
  gradualWarmup,
  type Optimizer,
  type Parameter,
  SGD,
  SWATS,
  stepDecay,
  targets,
  useTarget,
} from '../../src/index.js';
import { bits, elementTypes, label, randomNumbers, table } from './table.js';

function fillGradients(params: readonly Parameter[], random: () => number): void {
  for (const { grad } of params) for (let i = 0; i < (grad?.length ?? 0); i++) if (grad) grad[i] = random();
}

function randomArray(
  ArrayType: typeof Float32Array | typeof Float64Array,
  length: number,
  random: () => number,
): FloatArray {
  return new ArrayType(length).map(() => random());
}

function detach(array: FloatArray): void {
  if (array.buffer instanceof ArrayBuffer) structuredClone(null, { transfer: [array.buffer] });
}

function makeParams(
  names: readonly (string | undefined)[],
  ArrayType = Float32Array as typeof Float32Array | typeof Float64Array,
) {
  const random = randomNumbers(7);
  return names.map((name, i) => ({
    ...(name === undefined ? {} : { name }),
    value: randomArray(ArrayType, 5 + i, random),
    grad: new ArrayType(5 + i),
  }));
}

function takeSteps(optimizer: Optimizer, random: () => number, count: number): void {
  for (let s = 0; s < count; s++) {
    fillGradients(optimizer.parameters(), random);
    optimizer.step();
  }
}

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

describe('parameters', () => {
  const params = makeParams(['a', 'b']);
  const shared = new Float32Array(10);
  test.each([
    ['nothing', [], /params must hold at least one parameter/],
    ['no iterable', 5, /params must be an iterable/],
    ['a null', [null], /params\[0\] must be an object, got null/],
    [
      'an array for a value',
      [{ value: [1], grad: null }],
      /params\[0\]\.value must be a Float32Array or a Float64Array/,
    ],
    [
      'a gradient of another length',
      [{ value: new Float32Array(2), grad: new Float32Array(3) }],
      /params\[0\]\.grad must have 2/,
    ],
    [
      'a gradient of another type',
      [{ value: new Float32Array(2), grad: new Float64Array(2) }],
      /params\[0\]\.grad must be a Float32Array/,
    ],
    ['the same twice', [params[0], params[0]], /params\[1\] is in the optimizer already/],
    ['a name twice', makeParams(['a', 'a']), /the name "a" is taken/],
    [
      'overlapping values',
      [
        { value: shared.subarray(0, 6), grad: null },
        { value: shared.subarray(5), grad: null },
      ],
      /must not share memory/,
    ],
    ['a gradient on its value', [{ value: shared, grad: shared }], /must not share memory/],
    [
      'a value after a small one inside a wide one',
      [
        { value: shared.subarray(0, 8), grad: null },
        { value: shared.subarray(6), grad: shared.subarray(1, 5) },
      ],
      /must not share memory/,
    ],
    [
      'a value at the end of a wide gradient that has a small one inside',
      [
        { value: new Float32Array(10), grad: shared },
        { value: new Float32Array(1), grad: shared.subarray(2, 3) },
        { value: shared.subarray(9), grad: null },
      ],
      /must not share memory/,
    ],
    ['parameters and groups', [params[0], { params: [params[1]] }], /parameters or groups, not both/],
    ['an empty group', [{ params: [] }], /at least one parameter/],
    ['a wrong group', [{ params: [params[0]], momentum: 'much' }], /momentum must be a number, got "much"/],
  ])('refuses %s', (_name, value, message) => {
    const create = () => Reflect.construct(SGD, [value]);
    expect(create).toThrow(message);
  });

  // In units of elements; the order in which they are given must not matter.
  test.each([
    ['a small one and then one at the end of a wide one', [0, 10], [2, 3], [9, 12]],
    ['two small ones in a wide one', [0, 10], [1, 2], [4, 5]],
    ['three that each reach into the next', [0, 4], [3, 8], [7, 12]],
    ['the same twice among others', [0, 2], [4, 6], [4, 6]],
  ])('refuses values that share memory: %s', (_, ...ranges) => {
    const memory = new Float32Array(16);
    const [a, b, c] = ranges.map(([from, to]) => ({ value: memory.subarray(from, to), grad: null }));
    for (const order of [
      [a, b, c],
      [a, c, b],
      [b, a, c],
      [b, c, a],
      [c, a, b],
      [c, b, a],
    ]) {
      expect(() => new SGD(order)).toThrow(/must not share memory/);
      const later = new SGD([order[0], { value: new Float32Array(1), grad: null }]);
      expect(() => later.addParamGroup({ params: order.slice(1) })).toThrow(/must not share memory/);
    }
  });

  test('may lie side by side in one buffer', () => {
    const memory = new Float32Array(16);
    const params = [
      { value: memory.subarray(4, 8), grad: memory.subarray(8, 12) },
      { value: memory.subarray(0, 4), grad: memory.subarray(12) },
    ];
    memory.fill(1, 8);
    new SGD(params, { lr: 0.5 }).step();
    expect([...memory]).toEqual([...Array(8).fill(-0.5), ...Array(8).fill(1)]);
  });

  test('refuses a detached buffer', () => {
    const value = new Float32Array(4);
    detach(value);
    expect(() => new SGD([{ value, grad: null }])).toThrow(/params\[0\]\.value has a detached buffer/);
    const later = { value: new Float32Array(4), grad: new Float32Array(4) };
    const optimizer = new SGD([later]);
    detach(later.value);
    expect(() => optimizer.step()).toThrow(/value must have 4 elements .* got 0; was its buffer detached/);
  });

  test('groups have options of their own, and may join later', () => {
    const [a, b] = makeParams(['a', 'b']);
    const start = [Float32Array.from(a.value), Float32Array.from(b.value)];
    a.grad.fill(1);
    b.grad.fill(1);
    const optimizer = new SGD([{ params: [a], lr: 0.5 }], { lr: 0.25 });
    optimizer.addParamGroup({ params: [b] });
    optimizer.step();
    expect(a.value).toEqual(start[0].map((x) => x - 0.5));
    expect(b.value).toEqual(start[1].map((x) => x - 0.25));
    expect(() => optimizer.addParamGroup({ params: [a] })).toThrow(/in the optimizer already/);
    expect(optimizer.parameters()).toEqual([a, b]);
  });

  test('views of a SharedArrayBuffer work', () => {
    for (const target of targets()) {
      useTarget(target);
      const value = new Float32Array(new SharedArrayBuffer(64), 4, 8).fill(1);
      const param = { value, grad: new Float32Array(8).fill(2) };
      new SGD([param], { lr: 0.25 }).step();
      expect(Array.from(value)).toEqual(Array(8).fill(0.5));
    }
  });
});

describe('state dictionaries', () => {
  test('are checked before anything changes', () => {
    const params = makeParams(['a', 'b']);
    const optimizer = new Adam(params);
    takeSteps(optimizer, randomNumbers(1), 2);
    const good = optimizer.stateDict();
    const { a, b } = good.parameters;
    for (const [bad, message] of [
      [null, /state must be an object/],
      [{ ...good, optimizer: 'SGD' }, /state\.optimizer must be "Adam", got "SGD"/],
      [{ ...good, steps: -1 }, /state\.steps must be an integer of at least 0/],
      [{ ...good, parameters: { a } }, /missing \["b"\], unknown \[\]/],
      [{ ...good, parameters: { a, b, c: a } }, /unknown \["c"\]/],
      [{ ...good, parameters: { a: b, b: a } }, /parameters\["a"\]\.arrays\.m must have 5 elements, got 6/],
      [
        { ...good, parameters: { a, b: { step: 2, arrays: { m: b.arrays.m } } } },
        /arrays must be \["m", "v"\]/,
      ],
      [
        { ...good, parameters: { a, b: { ...b, arrays: { ...b.arrays, v: new Float64Array(6) } } } },
        /arrays\.v must be a Float32Array/,
      ],
      [{ ...good, schedules: [] }, /state\.schedules must be an array of 1/],
    ] as const) {
      const before = optimizer.stateDict();
      expect(() => optimizer.loadStateDict(bad)).toThrow(message);
      expect(optimizer.stateDict()).toEqual(before);
    }
  });

  test('go by name, not by position', () => {
    const [a, b] = makeParams(['a', 'b']);
    const optimizer = new Adam([a, b]);
    takeSteps(optimizer, randomNumbers(1), 2);
    const swapped = new Adam([b, a]);
    swapped.loadStateDict(optimizer.stateDict());
    expect(swapped.stateDict().parameters).toEqual(optimizer.stateDict().parameters);
  });

  test('hold the state of metric-driven schedules', () => {
    const lr = () => constantWarmup(0.1, { lr: 0.01, until: (error) => error < 0.8 });
    const optimizer = new SGD(makeParams(['a']), { lr: lr() });
    takeSteps(optimizer, randomNumbers(1), 3);
    expect(optimizer.lr).toBe(0.01);
    optimizer.observe(0.9);
    expect(optimizer.lr).toBe(0.01);
    optimizer.observe(0.7);
    expect(optimizer.lr).toBe(0.1);
    const resumed = new SGD(makeParams(['a']), { lr: lr() });
    resumed.loadStateDict(optimizer.stateDict());
    expect(resumed.lr).toBe(0.1);
  });
});

describe('learning rates', () => {
  test('the first step uses at(0), and lr tells the rate of the next one', () => {
    const [param] = makeParams(['a']);
    const schedule = gradualWarmup(stepDecay(1, { every: 2, factor: 0.5 }), { steps: 4 });
    const optimizer = new SGD([param], { lr: schedule });
    const seen: number[] = [];
    for (let s = 0; s < 8; s++) {
      seen.push(optimizer.lr);
      const before = Float32Array.from(param.value);
      param.grad.fill(1);
      optimizer.step();
      expect(param.value).toEqual(before.map((x) => x - Math.fround(seen[s])));
    }
    expect(seen).toEqual([0.25, 0.5, 0.75, 1, 1, 1, 0.5, 0.5]);
  });

  test('can be replaced', () => {
    const optimizer = new SGD(makeParams(['a']), { lr: 1 });
    optimizer.lr = 0.5;
    expect(optimizer.lr).toBe(0.5);
    expect(() => {
      optimizer.lr = -1;
    }).toThrow(/lr/);
    expect(optimizer.lr).toBe(0.5);
  });

  test('one schedule shared by two groups observes a metric once', () => {
    const [a, b] = makeParams(['a', 'b']);
    let observed = 0;
    const shared = {
      at: () => 0.1,
      observe: () => {
        observed++;
      },
      stateDict: () => ({}),
      loadStateDict: () => {},
    };
    const optimizer = new SGD([{ params: [a] }, { params: [b] }], { lr: shared });
    optimizer.observe(1);
    expect(observed).toBe(1);
  });

  test('SWATS goes on with the learnt rate, scaled by the schedule', () => {
    const [param] = makeParams(['a']);
    const optimizer = new SWATS([param], {
      lr: stepDecay(0.1, { every: 10, factor: 0.5 }),
      switchTolerance: 1e9,
      minSwitchStep: 5,
    });
    while (optimizer.phase === 'adam' && optimizer.steps < 50) {
      for (let i = 0; i < param.grad.length; i++) param.grad[i] = param.value[i];
      optimizer.step();
    }
    const learnt = optimizer.sgdLr;
    expect(optimizer.switchStep).toBe(optimizer.steps);
    expect(optimizer.lr).toBe(learnt);
    optimizer.zeroGrad();
    while (optimizer.steps < 10) optimizer.step();
    expect(optimizer.lr).toBeCloseTo((learnt ?? NaN) / 2, 12);
  });
});

describe('SWATS', () => {
  const options = { lr: 0.1, switchTolerance: 1e9, minSwitchStep: 3 };
  /** Steps down bowls of different curvature; a step of `still` has no gradient but zeros. */
  function run(optimizer: SWATS, params: readonly Parameter[], steps: number, still = -1): void {
    for (let s = 0; s < steps; s++) {
      params.forEach(({ value, grad }, p) => {
        for (let i = 0; i < value.length; i++) if (grad) grad[i] = s === still ? 0 : (p + 1) * value[i];
      });
      optimizer.step();
    }
  }

  test('learns nothing about the rate where all gradients are zero', () => {
    for (const target of targets()) {
      useTarget(target);
      const params = makeParams(['a'], Float64Array);
      const optimizer = new SWATS(params, options);
      run(optimizer, params, 1, 0);
      expect(optimizer.stateDict().extra).toMatchObject({ phases: [{ step: 1, lambda: 0, sgdLr: null }] });
      run(optimizer, params, 1);
      expect(optimizer.phase).toBe('adam');
      run(optimizer, params, 1);
      expect(optimizer.switchStep).toBe(3);
      expect(optimizer.sgdLr).toBeGreaterThan(0);
      expect(optimizer.sgdLr).toBeLessThan(Number.POSITIVE_INFINITY);
    }
  });

  test('does not switch at a step whose gradients are zero', () => {
    const params = makeParams(['a'], Float64Array);
    const optimizer = new SWATS(params, options);
    run(optimizer, params, 3, 2);
    expect([optimizer.phase, optimizer.sgdLr]).toEqual(['adam', null]);
    run(optimizer, params, 1);
    expect(optimizer.switchStep).toBe(4);
  });

  test('of scope param does for each parameter what it would do alone, of scope group for each group', () => {
    const alone = makeParams(['a', 'b', 'c'], Float64Array);
    const optimizers = alone.map((_, p) => new SWATS([alone[p]], options));
    for (let s = 0; s < 6; s++) {
      alone.forEach(({ value, grad }, p) => {
        for (let i = 0; i < value.length; i++) grad[i] = (p + 1) * value[i];
        optimizers[p].step();
      });
    }
    const rates = optimizers.map(({ sgdLr }) => sgdLr);
    expect(new Set(rates).size).toBe(3);
    for (const scope of ['param', 'group'] as const) {
      const params = makeParams(['a', 'b', 'c'], Float64Array);
      const groups = scope === 'param' ? params : params.map((param) => ({ params: [param] }));
      const optimizer = new SWATS(groups, { ...options, scope });
      run(optimizer, params, 6);
      expect(params.map(({ value }) => bits(value))).toEqual(alone.map(({ value }) => bits(value)));
      const { extra } = optimizer.stateDict();
      expect(extra).toMatchObject({ phases: rates.map((sgdLr) => ({ sgdLr, switchStep: 3 })) });
    }
  });
});

describe('clipGradNorm', () => {
  test.each(elementTypes)(
    'returns the norm and scales to the limit, the same on every target, %o',
    (ArrayType) => {
      const results = targets().map((target) => {
        useTarget(target);
        const random = randomNumbers(5);
        const params = [100_003, 0, 17].map((length) => ({
          value: new ArrayType(length),
          grad: randomArray(ArrayType, length, random),
        }));
        const exact = Math.sqrt(
          params.flatMap(({ grad }) => Array.from(grad, (g) => g * g)).reduce((s, x) => s + x, 0),
        );
        const norm = clipGradNorm([...params, { value: new ArrayType(3), grad: null }], 0.5);
        expect(Math.abs(norm / exact - 1)).toBeLessThan(1e-12);
        const after = Math.sqrt(
          params.flatMap(({ grad }) => Array.from(grad, (g) => g * g)).reduce((s, x) => s + x, 0),
        );
        expect(Math.abs(after - 0.5)).toBeLessThan(1e-5);
        return [norm, ...params.map(({ grad }) => bits(grad))];
      });
      for (const result of results) expect(result).toEqual(results[0]);
    },
  );

  const clipped = (gradient: readonly number[], maxNorm: number) => {
    const grad = Float64Array.from(gradient);
    return [clipGradNorm([{ value: grad.slice(), grad }], maxNorm), ...grad];
  };

  test('leaves gradients within the limit alone', () => {
    expect(clipped([3, 4], 5.1)).toEqual([5, 3, 4]);
    // With 1e-6 beside it, this limit is the norm: a factor of 1 is none.
    expect(clipped([3, 4], 5 + 1e-6)).toEqual([5, 3, 4]);
  });

  test('divides by the norm and 1e-6, as PyTorch does', () => {
    // torch.nn.utils.clip_grad_norm_ of 1.13.1 over [3e-6, 4e-6] with a limit of 1e-6, and over [3, 4] with 5.
    const [norm, ...small] = clipped([3e-6, 4e-6], 1e-6);
    expect(norm).toBeCloseTo(5e-6, 18);
    expect(small[0] / 5e-7).toBeCloseTo(1, 12);
    expect(small[1] / (2e-6 / 3)).toBeCloseTo(1, 12);
    expect(clipped([3, 4], 5)).toEqual([5, 2.99999940000012, 3.99999920000016]);
    expect(clipped([3, 4], 0)).toEqual([5, 0, 0]);
  });

  test('makes all gradients NaN where one is, and the others zero where one is infinite, as PyTorch does', () => {
    for (const target of targets()) {
      useTarget(target);
      expect(clipped([Number.NaN, 1], 1)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
      const infinite = Number.POSITIVE_INFINITY;
      expect(clipped([infinite, 1], 1)).toEqual([infinite, Number.NaN, 0]);
    }
  });

  test('refuses what does not fit', () => {
    expect(() => clipGradNorm([], -1)).toThrow(/maxNorm must be a finite number of at least 0, got -1/);
    expect(() => Reflect.apply(clipGradNorm, null, [5, 1])).toThrow(/params must be an iterable/);
  });
});
