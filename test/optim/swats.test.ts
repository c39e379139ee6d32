import { describe, expect, test } from 'vitest';
import { type Parameter, SWATS, targets, useTarget } from '../../src/index.js';
import { makeParams } from './params.js';
import { bits } from './table.js';

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
