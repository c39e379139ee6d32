export * from './batch-norm.js';
export * from './cross-entropy.js';
export * from './elementwise.js';
export * from './gemm.js';
export * from './layer-norm.js';
export * from './reductions.js';
export * from './rows.js';
export * from './unary.js';
