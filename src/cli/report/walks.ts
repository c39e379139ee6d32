import { type Run, runs, switchOf } from '../compare/runs.js';
import type { Walk, Walks } from './page-types.js';
import { type Surface, surfaces } from './surfaces.js';

/** Options that differ from a run's on the network: a walk has few steps, all with exact gradients. */
const OPTIONS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  swats: { minSwitchStep: 30, switchTolerance: 0.5 },
};

/** The walks over all surfaces, of the runs that have a rate there. */
export function walks(): Walks {
  return Object.fromEntries(
    surfaces.map((surface) => {
      const walkers = runs.filter(({ id }) => Object.hasOwn(surface.rates, id));
      return [surface.id, Object.fromEntries(walkers.map((run) => [run.id, walk(surface, run)]))];
    }),
  );
}

/** Points are rounded to three decimals. */
function walk(surface: Surface, run: Run): Walk {
  const point = { value: Float64Array.from(surface.start), grad: new Float64Array(2) };
  const optimizer = run.create([point], surface.rates[run.id], OPTIONS[run.id]);
  const points: number[] = [];
  for (let step = 0; step <= surface.steps; step++) {
    const [x, y] = point.value;
    points.push(rounded(x), rounded(y));
    point.grad.set(surface.gradient(x, y));
    optimizer.step();
  }
  return { points, switchStep: switchOf(optimizer)?.step ?? null };
}

const rounded = (value: number) => Math.round(1000 * value) / 1000;
