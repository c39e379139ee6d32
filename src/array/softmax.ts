import { kernels } from '../backend/select.js';
import type { FloatArray } from '../core/types.js';
import { type AxisOptions, checkLine } from './lines.js';

/** Along an axis of an array; `out` may be x itself. */
export type AlongAxis = <A extends FloatArray>(x: A, options?: AxisOptions<A>) => A;

function alongAxis(name: 'softmax' | 'logSoftmax'): AlongAxis {
  function run<A extends FloatArray>(x: A, options?: AxisOptions<A>): A;
  function run(given: FloatArray, options: AxisOptions<FloatArray> = {}): FloatArray {
    const { x, line, out } = checkLine(name, given, options);
    if (x.length > 0) kernels()[`${name}Forward`](line.outer, line.count, line.inner, x, out);
    return out;
  }
  return run;
}

/**
 * exp(x) / the sum of exp(x) along an axis. The largest element is subtracted first: x of any size is fine. A line with
 * a NaN or an infinity becomes NaN, as in PyTorch.
 */
export const softmax: AlongAxis = alongAxis('softmax');

/** x - log(the sum of exp(x)) along an axis, as {@link softmax}. */
export const logSoftmax: AlongAxis = alongAxis('logSoftmax');
