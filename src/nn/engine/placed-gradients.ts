import type { RowGradient } from '../../array/row-gradient.js';
import { copy, fill } from '../../backend/stream.js';
import type { FloatArray } from '../../core/types.js';
import { dropGradient, nodeOf, type Tensor } from './tensor.js';

// Gradients in memory of somebody who goes through them at once: one array of many parameters.

/**
 * Has the gradient of a parameter be in `array` from now on: zero, whatever the array holds, so that the next way back
 * overwrites it. Its owner may read and write it, and place another one. A frozen parameter has none.
 */
export function placeGradient(tensor: Tensor, array: FloatArray): void {
  const node = nodeOf(tensor);
  if (!node?.isLeaf) return;
  dropGradient(node);
  node.gradient = array;
  node.isPlaced = node.isExclusive = node.isCleared = true;
}

/** Takes the gradient of a parameter away; its array stays as it is. */
export function withdrawGradient(tensor: Tensor): void {
  const node = nodeOf(tensor);
  if (!node?.isLeaf) return;
  dropGradient(node);
  node.isPlaced = node.isCleared = false;
  node.isExclusive = true;
}

/** Says that a gradient is in the array, where one was placed. */
export function fillPlaced(tensor: Tensor): void {
  const node = nodeOf(tensor);
  if (node?.isLeaf && node.isPlaced) node.isCleared = false;
}

/** Sees to it that `array` holds the gradient of a parameter, zeros where it has none. @returns whether one has arrived. */
export function collectPlaced(tensor: Tensor, array: FloatArray): boolean {
  const node = nodeOf(tensor);
  const gradient = node?.isLeaf && !node.isCleared ? node.gradient : null;
  if (gradient === null) fill(array, 0);
  else if (gradient !== array) copy(gradient, array);
  return gradient !== null;
}

/** Has the gradient of a table be these rows from now on. */
export function placeRows(tensor: Tensor, rows: RowGradient | null): void {
  const node = nodeOf(tensor);
  if (node?.isLeaf) node.rowGradient = rows;
}
