/** A rectangle of the plane that is drawn, and how many pixels it is drawn on. */
export interface Frame {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly width: number;
  readonly height: number;
}

/** The sides of a grid cell: top, right, bottom, left. */
const [T, R, B, L] = [0, 1, 2, 3];

/**
 * Marching squares (Lorensen and Cline 1987, in the plane): which sides of a cell a contour connects, by which corners lie
 * inside (8 top left, 4 top right, 2 bottom right, 1 bottom left), the inside always to the left of the way. Where opposite
 * corners lie inside, 5 and 10, the middle of the cell decides: `[separate, joined]`.
 */
const CONNECTIONS: readonly (readonly (readonly [number, number])[])[] = [
  [],
  [[B, L]],
  [[R, B]],
  [[R, L]],
  [[T, R]],
  [],
  [[T, B]],
  [[T, L]],
  [[L, T]],
  [[B, T]],
  [],
  [[R, T]],
  [[L, R]],
  [[B, R]],
  [[L, B]],
  [],
];
const AMBIGUOUS: Readonly<
  Record<number, { separate: (typeof CONNECTIONS)[0]; joined: (typeof CONNECTIONS)[0] }>
> = {
  5: {
    separate: [
      [T, R],
      [B, L],
    ],
    joined: [
      [T, L],
      [B, R],
    ],
  },
  10: {
    separate: [
      [L, T],
      [R, B],
    ],
    joined: [
      [L, B],
      [R, T],
    ],
  },
};

/** A function sampled on a grid, with a border of infinity around it so that every contour closes. */
interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly values: Float64Array;
}

/**
 * For each level the region where `f` is at most the level, as an SVG path of closed rings (to be filled by the even-odd
 * rule). y grows upwards, as in mathematics. `f` must be finite inside the frame.
 *
 * @param columns how finely `f` is sampled across the frame.
 */
export function contourPaths(
  f: (x: number, y: number) => number,
  frame: Frame,
  levels: readonly number[],
  columns = 128,
): string[] {
  const grid = sample(f, frame, columns);
  return levels.map((level) =>
    rings(grid, level)
      .map((ring) => ringToPath(ring, grid, frame))
      .join(''),
  );
}

function sample(f: (x: number, y: number) => number, frame: Frame, inner: number): Grid {
  const innerRows = Math.round((inner * frame.height) / frame.width);
  const [columns, rows] = [inner + 2, innerRows + 2];
  const values = new Float64Array(columns * rows).fill(Number.POSITIVE_INFINITY);
  for (let row = 0; row < innerRows; row++) {
    const y = frame.y[1] + (frame.y[0] - frame.y[1]) * (row / (innerRows - 1));
    for (let column = 0; column < inner; column++) {
      const x = frame.x[0] + (frame.x[1] - frame.x[0]) * (column / (inner - 1));
      values[(row + 1) * columns + column + 1] = f(x, y);
    }
  }
  return { columns, rows, values };
}

type Point = readonly [column: number, row: number];

/** The closed contours of one level, in grid coordinates. */
function rings(grid: Grid, level: number): Point[][] {
  const next = new Map<number, number>();
  const points = new Map<number, Point>();
  for (let row = 0; row + 1 < grid.rows; row++) {
    for (let column = 0; column + 1 < grid.columns; column++) {
      for (const [from, to] of connections(grid, level, column, row)) {
        const start = sideId(grid, column, row, from);
        next.set(start, sideId(grid, column, row, to));
        points.set(start, crossing(grid, level, column, row, from));
      }
    }
  }
  const found: Point[][] = [];
  while (next.size > 0) {
    const ring: Point[] = [];
    let [at] = next.keys();
    for (let to = next.get(at); to !== undefined; to = next.get(at)) {
      const point = points.get(at);
      if (point !== undefined) ring.push(point);
      next.delete(at);
      at = to;
    }
    found.push(ring);
  }
  return found;
}

function connections({ values, columns }: Grid, level: number, column: number, row: number) {
  const at = row * columns + column;
  const corners = [values[at], values[at + 1], values[at + columns + 1], values[at + columns]];
  const code = corners.reduce((bits, value) => 2 * bits + (value <= level ? 1 : 0), 0);
  const ambiguous = AMBIGUOUS[code];
  if (ambiguous === undefined) return CONNECTIONS[code];
  const middle = corners.reduce((sum, value) => sum + value, 0) / 4;
  return middle <= level ? ambiguous.joined : ambiguous.separate;
}

/** One number for a side, the same from both cells that share it. */
function sideId({ columns }: Grid, column: number, row: number, side: number): number {
  const at = (row + (side === B ? 1 : 0)) * columns + column + (side === R ? 1 : 0);
  return 2 * at + (side === T || side === B ? 0 : 1);
}

/** Where the level is crossed on a side, by linear interpolation. */
function crossing(
  { values, columns }: Grid,
  level: number,
  column: number,
  row: number,
  side: number,
): Point {
  const horizontal = side === T || side === B;
  const [c, r] = [column + (side === R ? 1 : 0), row + (side === B ? 1 : 0)];
  const at = r * columns + c;
  const [a, b] = [values[at], values[at + (horizontal ? 1 : columns)]];
  // Next to the border, where one end is infinite, the crossing is at the finite end.
  const share = Number.isFinite(a) ? (Number.isFinite(b) ? (level - a) / (b - a) : 0) : 1;
  return horizontal ? [c + share, r] : [c, r + share];
}

function ringToPath(ring: readonly Point[], grid: Grid, frame: Frame): string {
  const scaleX = frame.width / (grid.columns - 3);
  const scaleY = frame.height / (grid.rows - 3);
  const texts = ring.map(([c, r]) => `${((c - 1) * scaleX).toFixed(1)} ${((r - 1) * scaleY).toFixed(1)}`);
  return `M${texts.filter((text, index) => text !== texts[index - 1]).join('L')}Z`;
}
