import { Adafactor, LAMB, LARS } from '../../src/index.js';
import type { Row } from './table.js';

/** The rows of optimizers that take several passes; their golden values are in composed.json. */
export const composedRows: readonly Row[] = [
  {
    name: 'Adafactor',
    create: (params, options) => new Adafactor(params, options),
    options: [{}, { maximize: true, weightDecay: 0.1, eps: [1e-3, 0.1], d: 2 }],
    refused: [
      [{ beta2Decay: 0.1 }, /beta2Decay must be at most 0, got 0.1/],
      [{ eps: 1e-3 }, /eps must be an array of two numbers/],
      [{ eps: [null, -1] }, /eps\[1\] must be .* at least 0, got -1/],
      [{ d: 0.5 }, /d must be .* at least 1, got 0.5/],
    ],
    rate: 0.1,
  },
  {
    name: 'LAMB',
    create: (params, options) => new LAMB(params, options),
    options: [
      {},
      { maximize: true, weightDecay: 0.1 },
      { biasCorrection: false, weightDecay: 0.1 },
      { excludeVectors: true, weightDecay: 0.1 },
    ],
    refused: [
      [{ betas: [0.9, 1] }, /betas\[1\] must be in \[0, 1\), got 1/],
      [{ eps: -1 }, /eps must be .* at least 0, got -1/],
      [{ biasCorrection: 1 }, /biasCorrection must be a boolean, got 1/],
      [{ excludeVectors: 'no' }, /excludeVectors must be a boolean, got "no"/],
    ],
    rate: 0.01,
  },
  {
    name: 'LARS',
    create: (params, options) => new LARS(params, { excludeVectors: false, ...options }),
    options: [
      {},
      { maximize: true, weightDecay: 0.1, lr: 10 },
      { momentum: 0, trustCoefficient: 0.1, weightDecay: 0.1, decoupledWeightDecay: true },
    ],
    refused: [
      [{ momentum: -1 }, /momentum must be .* at least 0, got -1/],
      [{ trustCoefficient: 0 }, /trustCoefficient must be .* greater than 0, got 0/],
      [{ eps: -1 }, /eps must be .* at least 0, got -1/],
      [{ excludeVectors: 0 }, /excludeVectors must be a boolean, got 0/],
    ],
    rate: 1,
  },
];
