import type { ElementArray } from '../../core/types.js';
import type { Program } from '../program.js';
import { chunksOf, placeIn, spanOf, wholeOf } from './span.js';

/**
 * Every rank gets the array of `root`, by a binary tree: each hands a piece on to those that have it from there while it gets the
 * next.
 */
export function broadcastProgram(
  program: Program,
  rank: number,
  size: number,
  array: ElementArray,
  root: number,
): void {
  const place = (rank - root + size) % size;
  const rankAt = (other: number) => (other + root) % size;
  const children = [2 * place + 1, 2 * place + 2].filter((child) => child < size).map(rankAt);
  // Those that the root itself sends to name it at once.
  const depth = Math.max(0, Math.floor(Math.log2(place + 1)) - 1);
  const span = spanOf(program, array);
  const whole = wholeOf(array);
  const chunks = chunksOf([whole], span.width);
  const pieces = Array.from({ length: chunks.count }, (_, chunk) => placeIn(span, chunks.of(whole, chunk)));
  if (place > 0) for (const piece of pieces) program.receive(rankAt((place - 1) >> 1), piece);
  pieces.forEach((piece, i) => {
    if (place > 0) program.wait(i + 1, depth);
    for (const child of children) program.send(child, piece);
  });
  program.waitForAll(depth);
}
