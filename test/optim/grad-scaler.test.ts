import { describe, expect, test } from 'vitest';
import { GradScaler, SGD, targets, useTarget } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import { randomArray } from './params.js';
import { bits, elementTypes, randomNumbers, table } from './table.js';

const make = () => {
  const w = nn.tensor([1, 2], { requiresGrad: true });
  return { w, optimizer: new SGD([w], { lr: 0.5 }) };
};

describe('GradScaler', () => {
  test('takes the steps that are taken without it, where gradients are finite', () => {
    const [scaled, plain] = [make(), make()];
    const scaler = new GradScaler({ initScale: 1024 });
    for (let step = 0; step < 3; step++) {
      scaler.scale(nn.square(scaled.w).sum()).backward();
      expect(scaled.w.grad?.[0]).toBe(2048 * (scaled.w.value[0] ?? 0));
      expect(scaler.step(scaled.optimizer)).toBe(true);
      scaler.update();
      nn.square(plain.w).sum().backward();
      plain.optimizer.step();
      expect(scaled.w.value).toEqual(plain.w.value);
      scaled.optimizer.zeroGrad();
      plain.optimizer.zeroGrad();
    }
    expect([scaler.getScale(), scaler.skipped]).toEqual([1024, 0]);
  });

  test('skips what is not finite, says so, backs off, and grows again', () => {
    const { w, optimizer } = make();
    const told: number[][] = [];
    const scaler = new GradScaler({ initScale: 8, growthInterval: 2, onSkip: (...what) => told.push(what) });
    w.grad = Float32Array.of(1, Number.POSITIVE_INFINITY);
    expect(scaler.step(optimizer)).toBe(false);
    scaler.update();
    expect([...w.value]).toEqual([1, 2]);
    expect([scaler.getScale(), scaler.skipped, optimizer.steps, told]).toEqual([4, 1, 0, [[8, 1]]]);
    w.grad = Float32Array.of(Number.NaN, 0);
    scaler.unscale(optimizer);
    expect(() => scaler.unscale(optimizer)).toThrow('unscale() was called for this optimizer already');
    expect(scaler.step(optimizer)).toBe(false);
    scaler.update();
    for (const expected of [2, 4, 4]) {
      w.grad = Float32Array.of(1, 1);
      expect(scaler.step(optimizer)).toBe(true);
      scaler.update();
      expect(scaler.getScale()).toBe(expected);
    }
  });

  const rows = table.filter(({ name }) => ['SGD', 'Adam', 'Prodigy', 'SWATS'].includes(name));
  // Numbers that become subnormal or nothing as they are unscaled are among the gradients.
  test.each(rows.map((row) => [row.name, row] as const))(
    '%s unscales as it steps: the same bits',
    (_, row) => {
      const train = (ArrayType: (typeof elementTypes)[number], unscalesFirst: boolean) => {
        const random = randomNumbers(7);
        const params = [37, 4099, 0].map((length) => ({
          value: randomArray(ArrayType, length, random),
          grad: new ArrayType(length),
        }));
        const optimizer = row.create(params);
        const scaler = new GradScaler({ initScale: 3e4, growthInterval: 2 });
        const taken: boolean[] = [];
        for (let step = 0; step < 4; step++) {
          for (const { grad } of params) {
            for (let i = 0; i < grad.length; i++) grad[i] = [1e-45, -1e-38, 1e30, -0][i % 11] ?? random();
          }
          if (step === 1) params[1].grad[4098] = Number.NaN;
          if (unscalesFirst) scaler.unscale(optimizer);
          taken.push(scaler.step(optimizer));
          scaler.update();
        }
        const states = Object.values(optimizer.stateDict().parameters);
        const arrays = [
          ...params.map(({ value }) => value),
          ...states.flatMap(({ arrays }) => Object.values(arrays)),
        ];
        return { taken, scale: scaler.getScale(), bits: arrays.map(bits) };
      };
      for (const target of targets()) {
        useTarget(target);
        for (const ArrayType of elementTypes) {
          const fused = train(ArrayType, false);
          expect(fused.taken).toEqual([true, false, true, true]);
          expect(fused).toEqual(train(ArrayType, true));
        }
      }
    },
  );

  test('leaves gradients as they are where the step unscales them, and a clipped step unscales before', () => {
    const { w, optimizer } = make();
    const scaler = new GradScaler({ initScale: 8 });
    w.grad = Float32Array.of(8, 16);
    scaler.step(optimizer);
    expect([[...w.grad], [...w.value]]).toEqual([
      [8, 16],
      [0.5, 1],
    ]);
    scaler.update();
    optimizer.clipGradValue(1);
    scaler.step(optimizer);
    expect([[...w.grad], [...w.value]]).toEqual([
      [1, 2],
      [0, 0.5],
    ]);
  });

  test('steps once until it is updated', () => {
    const { w, optimizer } = make();
    const scaler = new GradScaler({ initScale: 8 });
    w.grad = Float32Array.of(8, 16);
    scaler.step(optimizer);
    expect(() => scaler.step(optimizer)).toThrow(
      'step() was called for this optimizer already: call update()',
    );
    expect(() => scaler.unscale(optimizer)).toThrow('step() was called for this optimizer already');
    scaler.update();
    expect(scaler.step(optimizer)).toBe(true);
    expect([...w.value]).toEqual([0, 0]);
  });

  test('a step that fails is scaled once when it is taken again', () => {
    const { w, optimizer } = make();
    w.grad = Float32Array.of(8, 16);
    const scaler = new GradScaler({ initScale: 8 });
    let fails = true;
    optimizer.lr = {
      at() {
        if (fails) throw new Error('no rate');
        return 0.5;
      },
    };
    expect(() => scaler.step(optimizer)).toThrow('no rate');
    fails = false;
    expect(scaler.step(optimizer)).toBe(true);
    expect([...w.value]).toEqual([0.5, 1]);
  });

  test('large numbers of float64 are finite', () => {
    const large = (last: number) => ({ value: new Float64Array(2), grad: Float64Array.of(1e200, last) });
    for (const [last, taken] of [
      [1, true],
      [Number.NaN, false],
    ] as const) {
      expect(new GradScaler({ initScale: 8 }).step(new SGD([large(last)], { lr: 0 }))).toBe(taken);
    }
  });

  test('is saved, and does nothing where it is not enabled', () => {
    const scaler = new GradScaler({ initScale: 8 });
    const other = new GradScaler();
    other.loadStateDict({ ...scaler.stateDict(), growthTracker: 7 });
    expect(other.stateDict()).toEqual({ scale: 8, growthTracker: 7, skipped: 0 });
    expect(() => other.loadStateDict({ scale: 0 })).toThrow(/state\.scale must be/);
    const { w, optimizer } = make();
    const off = new GradScaler({ enabled: false });
    w.grad = Float32Array.of(Number.NaN, 1);
    expect(off.step(optimizer)).toBe(true);
    off.update();
    expect(off.getScale()).toBe(1);
    off.loadStateDict(scaler.stateDict());
    expect(off.getScale()).toBe(1);
  });

  test('tells of a step that it was not asked for', () => {
    const { w, optimizer } = make();
    const scaler = new GradScaler();
    w.grad = Float32Array.of(1, 1);
    optimizer.step();
    expect(() => scaler.update()).toThrow('update() found no step: call step(optimizer) of the scaler first');
    expect(scaler.getScale()).toBe(65536);
    for (const other of [undefined, {}, [optimizer]]) {
      expect(() => Reflect.apply(scaler.step, scaler, [other])).toThrow(
        /^optimizer must be an optimizer such as new SGD\(params\), got/,
      );
    }
  });

  test.each<[object, RegExp]>([
    [{ initScale: 0 }, /initScale must be/],
    [{ growthFactor: 1 }, /growthFactor must be/],
    [{ backoffFactor: 1 }, /backoffFactor must be below 1, got 1/],
    [{ growthInterval: 0 }, /growthInterval must be an integer of at least 1/],
    [{ enabled: 1 }, /enabled must be a boolean/],
    [{ onSkip: 1 }, /onSkip must be a function/],
  ])('refuses %o', (options, message) => {
    expect(() => new GradScaler(options)).toThrow(message);
  });
});

test('is told that a number is no loss', () => {
  expect(() => Reflect.apply(GradScaler.prototype.scale, new GradScaler(), [3])).toThrow(
    new TypeError('loss must be a Tensor, got 3'),
  );
});
