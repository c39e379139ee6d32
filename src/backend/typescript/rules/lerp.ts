import type { Round } from './rule.js';

/** a + weight (b - a), from the end that is nearer, as torch.lerp. Mirror: native/rules/lerp.h. */
export function lerp(f: Round, a: number, b: number, weight: number): number {
  if (weight < 0.5) return f(a + f(weight * f(b - a)));
  return f(b - f(f(b - a) * f(1 - weight)));
}
