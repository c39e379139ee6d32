/**
 * After how many steps to evaluate: before the first, after 1, 2, 4 ... while those lie closer than the even spacing, then
 * at about `points` even distances, and after the last.
 */
export function evaluationSteps(steps: number, points: number): Set<number> {
  const even = Array.from({ length: points }, (_, index) => Math.round(((index + 1) * steps) / points));
  const doubling: number[] = [];
  for (let step = 1; step < steps / points; step *= 2) doubling.push(step);
  return new Set([0, ...doubling, ...even.filter((step) => step > 0)]);
}
