import type { Entry } from './design.js';
import type { Settings } from './study.js';

/** 20 times the ordinary rate of momentum. */
const LARGE_RATE = 1;

/** What the entries below stand around. */
export const DEFAULT_BASE: Partial<Settings> = { optimizer: 'momentum' };

const largeRate = (id: string, name: string, warmup: Settings['warmup']): Entry => ({
  id,
  name: `Large rate, ${name}`,
  change: { optimizer: 'momentum', lr: LARGE_RATE, warmup },
});

/** What is compared where nothing is asked for: optimizers, and warm-ups of one of them. */
export const defaultEntries: readonly Entry[] = [
  {
    id: 'gradient-descent',
    name: 'Full-batch gradient descent',
    change: { optimizer: 'sgd', batch: 'full' },
  },
  { id: 'sgd', name: 'SGD', change: { optimizer: 'sgd' } },
  { id: 'momentum', name: 'SGD with momentum', change: { optimizer: 'momentum' } },
  { id: 'adagrad', name: 'Adagrad', change: { optimizer: 'adagrad' } },
  { id: 'rmsprop', name: 'RMSprop', change: { optimizer: 'rmsprop' } },
  { id: 'adam', name: 'Adam', change: { optimizer: 'adam' } },
  { id: 'swats', name: 'SWATS', change: { optimizer: 'swats' } },
  largeRate('momentum-large', 'no warm-up', 'none'),
  largeRate('momentum-large-constant', 'constant warm-up', 'constant'),
  largeRate('momentum-large-gradual', 'gradual warm-up', 'gradual'),
];
