type Range = readonly [number, number];

/**
 * A function of two weights with a known answer, and how each optimizer is set up to walk on it. The page needs them too:
 * this module imports nothing.
 */
export interface Surface {
  readonly id: string;
  readonly title: string;
  readonly formula: string;
  /** What to see, in one sentence. */
  readonly caption: string;
  readonly x: Range;
  readonly y: Range;
  readonly start: Range;
  readonly minima: readonly Range[];
  /** The values whose contours are drawn. */
  readonly levels: readonly number[];
  readonly steps: number;
  /** The learning rate of each run that walks here. */
  readonly rates: Readonly<Record<string, number>>;
  readonly f: (x: number, y: number) => number;
  readonly gradient: (x: number, y: number) => Range;
}

/** What every surface is drawn on, in pixels. */
export const SURFACE_FRAME = { width: 520, height: 390 } as const;

const geometric = (from: number, ratio: number, count: number) =>
  Array.from({ length: count }, (_, index) => from * ratio ** index);

export const surfaces: readonly Surface[] = [
  {
    id: 'bowl',
    title: 'Bowl',
    formula: '(x² + y²) / 2',
    caption:
      'Equally steep on every side, so SGD walks straight in; momentum overshoots and swings back; Adagrad’s steps shrink for good and leave it short of the middle.',
    x: [-2.6, 2.6],
    y: [-1.95, 1.95],
    start: [-2.2, 1.3],
    minima: [[0, 0]],
    levels: geometric(0.02, 1.75, 11),
    steps: 100,
    rates: { sgd: 0.05, momentum: 0.02, adagrad: 0.15, rmsprop: 0.03, adam: 0.06, swats: 0.06 },
    f: (x, y) => (x * x + y * y) / 2,
    gradient: (x, y) => [x, y],
  },
  {
    id: 'ravine',
    title: 'Narrow ravine',
    formula: '(x² + 40 y²) / 2',
    caption:
      'Forty times steeper across than along: SGD bounces from wall to wall and creeps forward; momentum turns the zigzag into long swings; RMSprop and Adagrad damp the steep direction and head straight in.',
    x: [-4.4, 1.0],
    y: [-1.1, 1.1],
    start: [-4, 0.8],
    minima: [[0, 0]],
    levels: geometric(0.05, 1.8, 11),
    steps: 120,
    rates: { sgd: 0.0485, momentum: 0.012, adagrad: 0.25, rmsprop: 0.04, adam: 0.08, swats: 0.08 },
    f: (x, y) => (x * x + 40 * y * y) / 2,
    gradient: (x, y) => [x, 40 * y],
  },
  {
    id: 'saddle',
    title: 'Saddle',
    formula: 'x² / 2 − y² / 2 + y⁴ / 4',
    caption:
      'Started a hair beside the ridge: SGD slides down to the saddle, where the gradient is zero, and stands still; momentum rolls through and on into a valley; the others scale the tiny gradient up and leave at once.',
    x: [-1.867, 1.867],
    y: [-1.3, 1.5],
    start: [-1.4, 1e-4],
    minima: [
      [0, 1],
      [0, -1],
    ],
    levels: [-0.24, -0.21, -0.16, -0.1, -0.04, 0, 0.06, 0.16, 0.3, 0.5, 0.8, 1.2],
    steps: 120,
    rates: { sgd: 0.05, momentum: 0.02, adagrad: 0.1, rmsprop: 0.02, adam: 0.04, swats: 0.04 },
    f: (x, y) => (x * x - y * y) / 2 + y ** 4 / 4,
    gradient: (x, y) => [x, y ** 3 - y],
  },
  {
    id: 'rosenbrock',
    title: 'Rosenbrock’s valley',
    formula: '(1 − x)² + 100 (y − x²)²',
    caption:
      'A bent valley with steep walls and a nearly flat floor: finding the valley is easy, following it is not. Plain SGD must be slow not to leave it, momentum gathers speed along the floor.',
    x: [-1.7, 1.5],
    y: [-0.6, 1.8],
    start: [-1.2, 1],
    minima: [[1, 1]],
    levels: geometric(0.7, 2.6, 8),
    steps: 600,
    rates: { sgd: 0.0012, momentum: 0.0007, adagrad: 0.3, rmsprop: 0.01, adam: 0.05, swats: 0.05 },
    f: (x, y) => (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    gradient: (x, y) => [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)],
  },
];

/** Where a point of a surface is drawn, to a tenth of a pixel; y grows upwards. */
export function pixelOf({ x, y }: Surface, [atX, atY]: Range): { x: number; y: number } {
  const pixel = (share: number, size: number) => Math.round(10 * share * size) / 10;
  return {
    x: pixel((atX - x[0]) / (x[1] - x[0]), SURFACE_FRAME.width),
    y: pixel((y[1] - atY) / (y[1] - y[0]), SURFACE_FRAME.height),
  };
}
