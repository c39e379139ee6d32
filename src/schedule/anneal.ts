/** Half a cosine wave from `start` at progress 0 to `end` at progress 1. */
export function cosineAnneal(start: number, end: number, progress: number): number {
  return end + ((start - end) * (1 + Math.cos(Math.PI * progress))) / 2;
}

/** A straight line from `start` at progress 0 to `end` at progress 1. */
export function linearAnneal(start: number, end: number, progress: number): number {
  return start + (end - start) * progress;
}

/** From `start` at progress 0 to `end` at progress 1, steeply at first: 1 - sqrt(progress) of the way is left. */
export function squareRootAnneal(start: number, end: number, progress: number): number {
  return end + (start - end) * (1 - Math.sqrt(progress));
}

/** The shapes that PyTorch's cycles and averages let one choose. */
export const ANNEAL = { cos: cosineAnneal, linear: linearAnneal };
export const STRATEGIES = ['cos', 'linear'] as const;
