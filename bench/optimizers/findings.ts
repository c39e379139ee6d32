import type { Case } from '../area.js';
import { ratio, type Timing } from '../measure.js';
import type { Spread } from '../statistics.js';
import { NAMES } from './competitor.js';

/** Finds what one case has measured. */
export class Findings {
  readonly #timings: readonly Timing[];

  constructor({ timings }: Case) {
    this.#timings = timings;
  }

  timing(name: string, threads: number): Timing | undefined {
    return this.#timings.find(({ contender }) => contender.name === name && contender.threads === threads);
  }

  /** PyTorch on so many threads, the way in which it is faster. */
  pytorch(threads: number): Timing | undefined {
    const [loop, foreach] = [NAMES.pytorch, NAMES.pytorchForeach].map((name) => this.timing(name, threads));
    return loop && foreach && foreach.speed.median > loop.speed.median ? foreach : loop;
  }

  tfjs(backend: 'cpu' | 'wasm'): Timing | undefined {
    return this.timing(backend === 'cpu' ? NAMES.tfjsCpu : NAMES.tfjsWasm, 1);
  }
}

/** How much faster the first one is, where both took part. */
export function compare(ours: Timing | undefined, theirs: Timing | undefined): Spread | undefined {
  return ours && theirs && ratio(ours, theirs);
}
