import { checkObject, show } from '../../core/validate.js';
import { checkKept, type KeptGradient, keepGradient, keptGradient } from '../../nn/engine/kept-gradients.js';
import { Tensor } from '../../nn/index.js';
import type { Stepper } from '../options.js';

/** Which parameters have a gradient, as a part of a checkpoint: see `kept-gradients.ts`. */
export function keptGradientsOf(optimizer: Stepper) {
  const tensors = () =>
    optimizer
      .parameters()
      .flatMap((parameter, i): [string, Tensor][] =>
        parameter instanceof Tensor ? [[parameter.name ?? `#${i}`, parameter]] : [],
      );
  return {
    stateDict: () => Object.fromEntries(tensors().map(([name, tensor]) => [name, keptGradient(tensor)])),
    loadStateDict(state: unknown) {
      checkObject('gradients', state);
      const kinds = tensors().map(([name, tensor]): [Tensor, KeptGradient] => {
        const kind = state[name];
        checkKept(`gradients[${show(name)}]`, kind);
        return [tensor, kind];
      });
      for (const [tensor, kind] of kinds) keepGradient(tensor, kind);
    },
  };
}
