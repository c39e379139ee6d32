import { attentions } from './attention.js';
import { overAxes } from './axes.js';
import type { KernelCase } from './case.js';
import { elementwise } from './elementwise.js';
import { groupNorms } from './group-norms.js';
import { matrices } from './matrices.js';
import { multiplications } from './products.js';
import { resized } from './resizes.js';
import { permutations, repeated } from './shapes.js';
import { convolutions, pools } from './windows.js';

/** Every matrix kernel with sizes around the vector lengths, and sizes that make work for several threads. */
export const cases: readonly KernelCase[] = [
  ...elementwise,
  ...matrices,
  ...groupNorms,
  ...multiplications,
  ...repeated,
  ...permutations,
  ...overAxes,
  ...convolutions,
  ...pools,
  ...resized,
  ...attentions,
];
