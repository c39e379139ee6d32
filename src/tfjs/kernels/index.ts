import { convolutions } from './convolutions.js';
import { creation } from './creation.js';
import type { Kernel } from './define.js';
import { einsum } from './einsum.js';
import { elementwise } from './elementwise.js';
import { moves } from './moves.js';
import { normalization } from './normalization.js';
import { pooling } from './pooling.js';
import { products } from './products.js';
import { reductions } from './reductions.js';
import { resizing } from './resize.js';
import { rows } from './rows.js';

/** The kernels that run here rather than as in the cpu backend. */
export const KERNELS: readonly Kernel[] = [
  ...creation,
  ...elementwise,
  ...reductions,
  ...products,
  ...einsum,
  ...convolutions,
  ...pooling,
  ...moves,
  ...normalization,
  ...rows,
  ...resizing,
];
