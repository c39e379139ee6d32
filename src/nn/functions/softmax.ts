import { checkAxis, lineOf } from '../../core/axes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { type Tensor, tensorOf, variableOf } from '../engine/tensor.js';
import { softmaxAlong } from '../operations/softmax.js';

export interface AxisOptions {
  /** From -rank to rank - 1. Default -1, the last. */
  readonly axis?: number;
}

const OPTIONS: OptionNames<AxisOptions> = { axis: true };

function alongAxis(name: 'softmax' | 'logSoftmax') {
  return (x: Tensor, options: AxisOptions = {}): Tensor => {
    const variable = variableOf('x', x);
    checkOptions(name, options, OPTIONS);
    const { axis = -1 } = options;
    const line = lineOf(variable.shape, checkAxis('axis', axis, variable.shape.length));
    return tensorOf(softmaxAlong(name, variable, line));
  };
}

/** exp(x) / the sum of exp(x) along an axis, stable for x of any size. */
export const softmax = alongAxis('softmax');

/** x - log(the sum of exp(x)) along an axis, stable for x of any size. */
export const logSoftmax = alongAxis('logSoftmax');
