import type { Walk, Walks } from './page-types.js';
import { type Surface, surfaces } from './surfaces.js';
import { switchStepOf, type Walker, walkers } from './walkers.js';

/** The walks over all surfaces, of the walkers that have a rate there. Points are rounded to three decimals. */
export function walks(): Walks {
  return Object.fromEntries(
    surfaces.map((surface) => {
      const present = walkers.filter(({ id }) => Object.hasOwn(surface.rates, id));
      return [
        surface.id,
        Object.fromEntries(present.map((walker) => [walker.id, roundedWalk(surface, walker)])),
      ];
    }),
  );
}

function roundedWalk(surface: Surface, walker: Walker): Walk {
  const { points, switchStep } = walk(surface, walker, surface.rates[walker.id], surface.steps);
  return { points: points.map((value) => Math.round(1000 * value) / 1000), switchStep };
}

/** The way of an optimizer over a surface. */
export function walk(
  { start, gradient }: Pick<Surface, 'start' | 'gradient'>,
  walker: Walker,
  lr: number,
  steps: number,
): Walk {
  const point = { value: Float64Array.from(start), grad: new Float64Array(2) };
  const optimizer = walker.create([point], lr);
  const points: number[] = [];
  for (let step = 0; step <= steps; step++) {
    const [x, y] = point.value;
    points.push(x, y);
    point.grad.set(gradient(x, y));
    optimizer.step();
  }
  return { points, switchStep: switchStepOf(optimizer) };
}
