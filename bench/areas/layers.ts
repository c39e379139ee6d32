import { copyRows } from '../layers/copies.js';
import { functionRows } from '../layers/functions.js';
import type { Size } from '../layers/inputs.js';
import { ctcRow, lossRows } from '../layers/losses.js';
import { activationRows, convolutionRows, normalizationRows } from '../layers/modules.js';
import { workOf } from '../layers/row.js';
import { workArea } from '../work/area.js';
import { recurrent } from '../work/recurrent.js';

const small: Size = { shape: [64, 64], text: '2^12' };
const large: Size = { shape: [1024, 1024], text: '2^20' };
const copied: Size = { shape: [2048, 2048], text: '2^22' };
const tiny: Size = { shape: [8, 8], text: '2^6' };

/** What `lockstep/nn` has beside the networks of `training`: layers, losses and functions of tensors. */
export const layers = workArea({
  summary: 'layers, losses and functions of tensors, Gelement/s, float32',
  work: [
    ...[128, 256].flatMap((width) => [
      recurrent('LSTM', { width, steps: 64, batch: 32 }),
      recurrent('GRU', { width, steps: 64, batch: 32 }),
    ]),
    ...[
      ...convolutionRows({ line: [32, 64, 512], image: [16, 64, 16, 16] }, 128),
      ...normalizationRows([4, 16, 8, 8]),
      ...normalizationRows([16, 64, 32, 32]),
      ctcRow(64, 16, 32),
      ...copyRows(copied),
      ...[small, large].flatMap(rowsOf),
    ].map(workOf),
  ],
  quickWork: [
    recurrent('LSTM', { width: 8, steps: 4, batch: 2 }),
    recurrent('GRU', { width: 8, steps: 4, batch: 2 }),
    ...[
      ...convolutionRows({ line: [2, 3, 8], image: [2, 3, 4, 4] }, 8),
      ...normalizationRows([2, 8, 3, 3]),
      ctcRow(6, 2, 4),
      ...copyRows(tiny),
      ...rowsOf(tiny),
    ].map(workOf),
  ],
  rounds: 5,
  seconds: 0.02,
  notes: [
    'gradient: by x, or by input and parameters, of the sum of the results times given numbers; forward pass included. All others',
    'are forward passes that record nothing. limit: `set` of a typed array for what copies, multiply-adds for what multiplies.',
  ],
});

function rowsOf(size: Size) {
  return [...functionRows(size), ...activationRows(size), ...lossRows(size)];
}
