import { kernels } from '../../backend/select.js';
import { checkAxis, type Line, lineOf } from '../../core/axes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkInteger } from '../../core/validate.js';
import { give, record, takeLike, type Variable } from '../engine/autograd.js';
import { type Tensor, tensorOf, variableOf } from '../engine/tensor.js';

/** See {@link softmax}, {@link logSoftmax} and the layers of these names. */
export interface SoftmaxOptions {
  /** From -rank to rank - 1. Default -1, the last. */
  readonly axis?: number;
}

const OPTIONS: OptionNames<SoftmaxOptions> = { axis: true };

/** The axis that the options ask for: it may be given alone. */
export function axisOf(owner: string, options: number | SoftmaxOptions): number {
  const given: SoftmaxOptions = typeof options === 'number' ? { axis: options } : options;
  checkOptions(owner, given, OPTIONS);
  const { axis = -1 } = given;
  checkInteger('axis', axis, Number.MIN_SAFE_INTEGER);
  return axis;
}

function alongAxis(name: 'softmax' | 'logSoftmax') {
  return (x: Tensor, options: number | SoftmaxOptions = {}): Tensor => {
    const variable = variableOf('x', x);
    const axis = axisOf(name, options);
    const line = lineOf(variable.shape, checkAxis('axis', axis, variable.shape.length));
    return tensorOf(softmaxAlong(name, variable, line));
  };
}

/** exp(x) / the sum of exp(x) along an axis, stable for x of any size. The axis may be given alone: `softmax(x, 1)`. */
export const softmax = alongAxis('softmax');

/** x - log(the sum of exp(x)) along an axis, stable for x of any size. As {@link softmax}. */
export const logSoftmax = alongAxis('logSoftmax');

/** softmax(x), or its logarithm, along a line. */
function softmaxAlong(name: 'softmax' | 'logSoftmax', x: Variable, { outer, count, inner }: Line): Variable {
  const y = takeLike(x);
  kernels()[`${name}Forward`](outer, count, inner, x.array, y);
  return record({
    name,
    shape: x.shape,
    out: y,
    inputs: [x],
    readsOutput: true,
    backward(gradient) {
      kernels()[`${name}Backward`](outer, count, inner, y, gradient, gradient);
      give(x, gradient);
    },
  });
}
