export { background } from './background.js';
export { elementwise } from './elementwise.js';
export { gemm } from './gemm.js';
export { inference } from './inference.js';
export { optimizers } from './optimizers.js';
export { rows } from './rows.js';
export { tfjs } from './tfjs.js';
export { training } from './training.js';
