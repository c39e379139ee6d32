export { gemm } from './gemm.js';
export { optimizers } from './optimizers.js';
