import { Adam, SGD } from '../../index.js';

/** Larger than any cache with their gradients and moments, so that memory sets the pace. */
const WEIGHTS = 2 ** 23;

/** The speed of Adam's step, and of the faster of two plain in-place loops, in gigabytes moved a second. */
export interface Benchmark {
  readonly adam: number;
  readonly loop: number;
}

/**
 * Takes turns, so that all see the same machine, for about `milliseconds`; medians. The plain loops are those with next to
 * nothing to compute, by the same kernels on the same threads: w -= lr g, and a velocity before it.
 */
export function benchmark(milliseconds: number): Benchmark {
  const array = () => new Float32Array(WEIGHTS).fill(1e-3);
  const parameters = [{ value: array(), grad: array() }];
  const lr = 1e-9;
  // For each weight Adam reads four numbers and writes three, SGD reads two and writes one, with momentum three and two.
  const contestants = [
    { optimizer: new Adam(parameters, { lr }), bytes: 28, times: [] as number[] },
    { optimizer: new SGD(parameters, { lr }), bytes: 12, times: [] as number[] },
    { optimizer: new SGD(parameters, { lr, momentum: 0.9 }), bytes: 20, times: [] as number[] },
  ];
  // The first step allocates.
  for (const { optimizer } of contestants) optimizer.step();
  const end = performance.now() + milliseconds;
  do {
    for (const { optimizer, times } of contestants) {
      const start = performance.now();
      optimizer.step();
      times.push(performance.now() - start);
    }
  } while (performance.now() < end);
  const [adam, ...loops] = contestants.map(({ bytes, times }) => (bytes * WEIGHTS) / median(times) / 1e6);
  return { adam, loop: Math.max(...loops) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
