import { describe, expect, test } from 'vitest';
import { GradScaler, SGD } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';

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
    scaler.update();
    for (const expected of [2, 4, 4]) {
      w.grad = Float32Array.of(1, 1);
      expect(scaler.step(optimizer)).toBe(true);
      scaler.update();
      expect(scaler.getScale()).toBe(expected);
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
