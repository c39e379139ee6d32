export { adagrad } from './adagrad.js';
export { adam, amsgrad } from './adam.js';
export { momentum } from './momentum.js';
export { rmsprop, rmspropCentered, rmspropCenteredMomentum, rmspropMomentum } from './rmsprop.js';
export { scale } from './scale.js';
export { sgd } from './sgd.js';
export { squares } from './squares.js';
export { swats } from './swats.js';
