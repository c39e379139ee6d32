import { expect, it } from 'vitest';
import { targets, useTarget } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';

const draw = (logits: number[], rows: number, seed = 1) => {
  const all = Array.from({ length: rows }, () => logits).flat();
  return nn.sampleCategorical(nn.tensor(all, [rows, logits.length]), new nn.Generator(seed));
};

it('draws classes as often as softmax says, and none that cannot be', () => {
  const logits = [1, Number.NEGATIVE_INFINITY, 0, 2, Number.NEGATIVE_INFINITY];
  const rows = 20000;
  const counts = [0, 0, 0, 0, 0];
  for (const label of draw(logits, rows)) counts[label]++;
  const total = Math.exp(1) + 1 + Math.exp(2);
  for (const [c, logit] of logits.entries()) {
    expect(Math.abs(counts[c] / rows - Math.exp(logit) / total)).toBeLessThan(0.01);
  }
  expect([counts[1], counts[4]]).toEqual([0, 0]);
});

it('draws the same on every native target, two words a row', () => {
  const native = targets().filter((target) => target !== 'typescript');
  const drawn = native.map((target) => {
    useTarget(target);
    return draw([0.3, 0.2, -0.5], 1000);
  });
  for (const labels of drawn) expect(labels).toEqual(drawn[0]);
  const generator = new nn.Generator(5, 3);
  nn.sampleCategorical(nn.zeros([7, 2]), generator);
  expect(generator.position).toBe(17);
});

it('says what does not fit', () => {
  expect(() => nn.sampleCategorical(nn.zeros([3]))).toThrow(
    'logits must have shape [rows, classes], got [3]',
  );
  const none: object = { generator: 3 };
  expect(() => Reflect.apply(nn.sampleCategorical, null, [nn.zeros([1, 2]), none])).toThrow(
    'generator must be a Generator',
  );
});
