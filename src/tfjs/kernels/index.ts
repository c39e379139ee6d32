import { creation } from './creation.js';
import type { Kernel } from './define.js';
import { elementwise } from './elementwise.js';

/** The kernels that run here rather than as in the cpu backend. */
export const KERNELS: readonly Kernel[] = [...creation, ...elementwise];
