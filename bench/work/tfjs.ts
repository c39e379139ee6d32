import type { Timing } from '../measure.js';
import { attemptTfjs, type Patience, TFJS_BACKENDS, tfjsName } from '../peers/tfjs.js';
import type { Work } from './work.js';

const patience: Patience = { enough: 5, most: 120 };
const quickPatience: Patience = { enough: 0, most: 30 };

/** TensorFlow.js on both of its backends, each piece of work in a process of its own. */
export class TfjsPeer {
  readonly #patience: Patience;
  readonly #failures: string[] = [];
  #version: string | undefined;

  constructor(quick: boolean) {
    this.#patience = quick ? quickPatience : patience;
  }

  /** Its version, or that it is absent. */
  get version(): string {
    return this.#version ?? 'absent';
  }

  async measure({ name, elements, tfjs }: Work): Promise<Timing[]> {
    const timings: Timing[] = [];
    if (tfjs === undefined) return timings;
    for (const backend of TFJS_BACKENDS) {
      const attempt = await attemptTfjs(tfjs.script, backend, tfjs.request, elements, this.#patience);
      this.#version ??= attempt.version;
      if ('timing' in attempt) timings.push(attempt.timing);
      else this.#failures.push(`${tfjsName(backend)} without ${name}: ${attempt.failure}`);
    }
    return timings;
  }

  notes(): string[] {
    const { enough } = this.#patience;
    return [
      `tfjs: samples a second of one run of ${enough} s, or of one step where that takes longer, on one thread; a step`,
      'that compiles goes before. With Adam where AdamW is named, which it does not have.',
      ...this.#failures,
    ];
  }
}
