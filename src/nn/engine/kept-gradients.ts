import { RowGradient } from '../../array/row-gradient.js';
import { cleared } from '../../core/cleared.js';
import { checkOneOf } from '../../core/validate.js';
import { takeLike } from './autograd.js';
import { floatTypeOf, nodeOf, type Tensor } from './tensor.js';

// Whether a parameter has a gradient decides whether an optimizer leaves it alone, also where all of it is zero: a run that goes on
// must find what it left.

const KINDS = ['none', 'whole', 'rows'] as const;

/** What gradient a parameter has, between steps: none since it was made, or zeros. */
export type KeptGradient = (typeof KINDS)[number];

export function checkKept(name: string, value: unknown): asserts value is KeptGradient {
  checkOneOf(name, value, KINDS);
}

export function keptGradient(tensor: Tensor): KeptGradient {
  const node = nodeOf(tensor);
  if (!node?.isLeaf) return 'none';
  if (node.gradient !== null) return 'whole';
  return node.rowGradient === null ? 'none' : 'rows';
}

/** Gives a parameter zeros of this kind in the place of the gradient that it has. */
export function keepGradient(tensor: Tensor, kind: KeptGradient): void {
  const node = nodeOf(tensor);
  if (!node?.isLeaf) return;
  if (kind !== keptGradient(tensor)) {
    tensor.grad = null;
    if (kind === 'whole') node.gradient = takeLike(tensor);
    if (kind === 'rows') {
      const [count] = tensor.shape;
      node.rowGradient = new RowGradient(count, tensor.size / count, floatTypeOf(tensor));
    }
  }
  tensor[cleared]();
}
