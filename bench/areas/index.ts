export { optimizers } from './optimizers.js';
