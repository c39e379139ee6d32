/** A step of length t along a direction: the loss there, and its slope along the direction. */
export interface Point<Gradient> {
  readonly t: number;
  readonly loss: number;
  readonly slope: number;
  readonly gradient: Gradient;
}

/** The loss must fall by this share of what its slope promises. */
const LEAST_FALL = 1e-4;
/** And the slope to this share of what it was. */
const MOST_SLOPE = 0.9;
const MOST_TRIALS = 25;

/**
 * A point along a direction that meets the strong Wolfe conditions, or the best that 26 evaluations found: bracketing and zooming with
 * cubic interpolation (Nocedal & Wright 2006, algorithms 3.5 and 3.6), in the variant of Schmidt's minFunc that PyTorch has,
 * with its constants.
 *
 * @param evaluate the point at t; gradients of the points that are kept must stay
 * @param start at t = 0
 * @param t the first to try
 * @param longest the largest magnitude of an element of the direction
 */
export function strongWolfe<Gradient>(
  evaluate: (t: number, kept: readonly Point<Gradient>[]) => Point<Gradient>,
  start: Point<Gradient>,
  t: number,
  longest: number,
  toleranceChange: number,
): { readonly point: Point<Gradient>; readonly evaluations: number } {
  const isTooHigh = ({ t, loss }: Point<Gradient>) => loss > start.loss + LEAST_FALL * t * start.slope;
  const isFlat = ({ slope }: Point<Gradient>) => Math.abs(slope) <= -MOST_SLOPE * start.slope;

  let previous = start;
  let now = evaluate(t, [start]);
  let trials = 0;
  let bracket: Point<Gradient>[] = [];
  while (trials < MOST_TRIALS && bracket.length === 0) {
    const isBehind = isTooHigh(now) || (trials > 1 && now.loss >= previous.loss);
    if (!isBehind && isFlat(now)) return { point: now, evaluations: trials + 1 };
    if (isBehind || now.slope >= 0) bracket = [previous, now];
    else {
      const next = interpolate(previous, now, now.t + 0.01 * (now.t - previous.t), now.t * 10);
      previous = now;
      now = evaluate(next, [start, previous]);
      trials++;
    }
  }
  if (bracket.length === 0) bracket = [start, now];

  const lower = () => (bracket[0].loss <= bracket[1].loss ? 0 : 1);
  let low = lower();
  let isSlow = false;
  while (trials < MOST_TRIALS && !(Math.abs(bracket[1].t - bracket[0].t) * longest < toleranceChange)) {
    const least = Math.min(bracket[0].t, bracket[1].t);
    const most = Math.max(bracket[0].t, bracket[1].t);
    let t = interpolate(bracket[0], bracket[1], least, most);
    // Twice near an end, or at one: a tenth of the bracket away from it.
    const margin = 0.1 * (most - least);
    const isNearEnd = Math.min(most - t, t - least) < margin;
    const isMoved: boolean = isNearEnd && (isSlow || t >= most || t <= least);
    if (isMoved) t = Math.abs(t - most) < Math.abs(t - least) ? most - margin : least + margin;
    isSlow = isNearEnd && !isMoved;
    const trial = evaluate(t, bracket);
    trials++;
    const high = 1 - low;
    if (isTooHigh(trial) || trial.loss >= bracket[low].loss) {
      bracket[high] = trial;
      low = lower();
      continue;
    }
    if (isFlat(trial)) return { point: trial, evaluations: trials + 1 };
    if (trial.slope * (bracket[high].t - bracket[low].t) >= 0) bracket[high] = bracket[low];
    bracket[low] = trial;
  }
  return { point: bracket[low], evaluations: trials + 1 };
}

/** Where the cubic through two points with their slopes is least, in the bounds; else their middle. */
function interpolate(a: Point<unknown>, b: Point<unknown>, least: number, most: number): number {
  const first = a.slope + b.slope - (3 * (a.loss - b.loss)) / (a.t - b.t);
  const square = first ** 2 - a.slope * b.slope;
  if (!(square >= 0)) return (least + most) / 2;
  const root = Math.sqrt(square);
  const [left, right] = a.t <= b.t ? [a, b] : [b, a];
  const place =
    right.t - (right.t - left.t) * ((right.slope + root - first) / (right.slope - left.slope + 2 * root));
  return Math.min(Math.max(place, least), most);
}
