import { describe, expect, it } from 'vitest';
import { nearestName } from '../../src/core/nearest.js';

describe('nearestName', () => {
  const names = ['lr', 'betas', 'eps', 'weightDecay', 'requiresGrad', 'batchSize', 'k'];
  it.each([
    ['weight_decay', 'weightDecay'],
    ['requires_grad', 'requiresGrad'],
    ['requiresGradd', 'requiresGrad'],
    ['WEIGHTDECAY', 'weightDecay'],
    ['wieghtDecay', 'weightDecay'],
    ['esp', 'eps'],
    ['epsilon', 'eps'],
    ['learningRate', 'lr'],
    ['beta', 'betas'],
    ['batch', 'batchSize'],
    ['b', 'betas'],
    ['momentum', undefined],
    ['keep', undefined],
    ['x', undefined],
    ['', undefined],
  ])('%s: %s', (typed, nearest) => expect(nearestName(typed, names)).toBe(nearest));
});
