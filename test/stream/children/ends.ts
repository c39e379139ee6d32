import { learn } from './model.js';

// Nothing but the training keeps the process alive.
learn(5).then(() => console.log('done'));
