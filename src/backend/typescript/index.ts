export * from './matrix/index.js';
export { step } from './step.js';
