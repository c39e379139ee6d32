import { contours } from 'd3-contour';
import { SURFACE_FRAME, type Surface } from '../surfaces.js';

/** How finely a surface is sampled, in pixels: a side of the squares in whose middle it is. */
const CELL = 3.25;

/**
 * For each of a surface's levels the region where its function is at most the level, as an SVG path of closed rings, to be
 * filled by the even-odd rule.
 */
export function contourPaths({ f, x, y, levels }: Surface): string[] {
  const [columns, rows] = [SURFACE_FRAME.width / CELL, SURFACE_FRAME.height / CELL];
  const between = ([from, to]: readonly [number, number], share: number) => from + (to - from) * share;
  // Upside down twice: y grows upwards, and d3-contour finds where values are at least the threshold.
  const values = Array.from({ length: columns * rows }, (_, index) => {
    const [row, column] = [Math.floor(index / columns), index % columns];
    return -f(between(x, (column + 0.5) / columns), between(y, 1 - (row + 0.5) / rows));
  });
  const trace = contours().size([columns, rows]);
  return levels.map((level) => trace.contour(values, -level).coordinates.flat().map(ringPath).join(''));
}

function ringPath(ring: readonly (readonly number[])[]): string {
  return `M${ring.map(([column, row]) => `${(column * CELL).toFixed(1)} ${(row * CELL).toFixed(1)}`).join('L')}Z`;
}
