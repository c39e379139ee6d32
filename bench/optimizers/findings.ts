import type { Case } from '../area.js';
import { fastest, type Timing } from '../measure.js';
import { NAMES } from './competitor.js';

/** Finds what one case has measured. */
export class Findings {
  readonly #timings: readonly Timing[];

  constructor({ timings }: Case) {
    this.#timings = timings;
  }

  timing(name: string, threads: number): Timing | undefined {
    return fastest(this.#timings, name, threads);
  }

  /** PyTorch on so many threads, the way in which it is fastest. */
  pytorch(threads: number): Timing | undefined {
    return this.timing(NAMES.pytorch, threads);
  }

  tfjs(backend: 'cpu' | 'wasm'): Timing | undefined {
    return this.timing(backend === 'cpu' ? NAMES.tfjsCpu : NAMES.tfjsWasm, 1);
  }
}
