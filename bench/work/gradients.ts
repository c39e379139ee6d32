import type { Tensor } from '../../src/nn/index.js';
import type { Way } from '../peers/pytorch.js';

/** PyTorch's default: gradients are let go. */
export function clearGradients(...leaves: readonly Tensor[]): void {
  for (const leaf of leaves) leaf.grad = null;
}

/** PyTorch's ways to go back from `loss`: to gradients that are new, its default, and to those that are there. */
export function backwardWays(leaves: readonly string[], loss: string): Readonly<Record<string, Way>> {
  const backward = `(${loss}).backward()`;
  return {
    call: { step: `${leaves.map((leaf) => `${leaf}.grad = `).join('')}None\n${backward}` },
    'call into zeros': {
      step: `for leaf in (${leaves.join(', ')},):\n    if leaf.grad is not None: leaf.grad.zero_()\n${backward}`,
    },
  };
}
