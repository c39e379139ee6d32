import { Optimizer, queueStep, stepReads } from '../optim/optimizer.js';
import type { Stepper } from './options.js';
import type { Pace } from './pace.js';

/** Takes a step of an optimizer at a pace: where the step is queued, and does not read what it gives, it may be pending then. */
export async function stepIn(pace: Pace, optimizer: Stepper, closure: () => number): Promise<void> {
  if (!pace.background) {
    optimizer.step(closure);
    return;
  }
  // A step of someone's own does what it likes.
  if (!(optimizer instanceof Optimizer) || optimizer.step !== Optimizer.prototype.step) {
    await pace.settled();
    pace.runAtOnce(() => optimizer.step(closure));
    return;
  }
  if (stepReads(optimizer)) await pace.settled();
  const finish = pace.run(() => queueStep(optimizer, closure));
  if (finish === null) return;
  await pace.settled();
  finish();
}
