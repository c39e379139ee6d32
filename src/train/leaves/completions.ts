import { nodeOf, type Operation } from '../../nn/engine/tensor.js';
import type { Tensor } from '../../nn/index.js';

/**
 * @param parameters what gradients are waited for
 * @returns by the number of an operation of the way back those whose gradients are complete after it. Others get none.
 */
export function completions<P extends { readonly tensor: Tensor }>(
  operations: readonly Operation[],
  parameters: readonly P[],
): ReadonlyMap<number, readonly P[]> {
  const waiting = new Map<Tensor, P>();
  for (const one of parameters) if (nodeOf(one.tensor)?.isLeaf) waiting.set(one.tensor, one);
  const result = new Map<number, P[]>();
  for (let number = operations.length - 1; number >= 0 && waiting.size > 0; number--) {
    for (const input of operations[number].inputs) {
      const one = waiting.get(input);
      if (one === undefined) continue;
      waiting.delete(input);
      const found = result.get(number);
      if (found === undefined) result.set(number, [one]);
      else found.push(one);
    }
  }
  return result;
}
