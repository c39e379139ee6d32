export * from './gemm.js';
export * from './unary.js';
