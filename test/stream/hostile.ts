import { settle } from '../../src/backend/select.js';
import { queueAll } from '../../src/backend/stream.js';
import { GradScaler, Lookahead, Optimizer, SAM } from '../../src/optim/index.js';
import { ExponentialMovingAverage } from '../../src/train/index.js';

// What the engine and the optimizers compute is queued, in tests that know nothing of it, and the queue is late: a value that is
// read too early, or an array that is written to too early, is a wrong number. Parameters that are plain objects cannot wait
// for what is queued: what steps them does, when all of the step has been queued.

const MICROSECONDS = Number(process.env.LOCKSTEP_TEST_DELAY ?? 300);

queueAll(MICROSECONDS);

function settleAfter(prototype: object, name: string): void {
  const method: unknown = Reflect.get(prototype, name);
  if (typeof method !== 'function') throw new Error(`there is no ${name}`);
  Reflect.set(prototype, name, function (this: unknown, ...values: unknown[]) {
    try {
      return Reflect.apply(method, this, values);
    } finally {
      settle();
    }
  });
}

for (const { prototype } of [Optimizer, Lookahead, SAM]) settleAfter(prototype, 'step');
settleAfter(Optimizer.prototype, 'zeroGrad');
for (const name of ['step', 'unscale']) settleAfter(GradScaler.prototype, name);
settleAfter(ExponentialMovingAverage.prototype, 'update');
