import { Generator } from '../../array/generator.js';

let shared = new Generator(0);

/** Restarts the generator that layers use when they are given none. Without a call, it starts from seed 0. */
export function manualSeed(seed: number): void {
  shared = new Generator(seed);
}

/** The generator that `manualSeed` restarts. */
export function defaultGenerator(): Generator {
  return shared;
}

/** Runs `fn`, which must be synchronous, with `generator` in the place of the one that `manualSeed` restarts. */
export function withGenerator<Result>(generator: Generator, fn: () => Result): Result {
  const outer = shared;
  shared = generator;
  try {
    return fn();
  } finally {
    shared = outer;
  }
}
