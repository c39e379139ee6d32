import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkInteger, checkNumber, checkObject } from '../../core/validate.js';
import { crossEntropy, noGrad } from '../../nn/index.js';
import { type StatefulMetric, stateful } from './metric.js';

/** See {@link perplexity}. */
export interface PerplexityOptions {
  /** Rows with this label do not count. Default: all rows count. */
  readonly ignoreIndex?: number;
}

const OPTIONS: OptionNames<PerplexityOptions> = { ignoreIndex: true };

/**
 * A metric: e to the mean cross-entropy of all rows that count, which is less than the mean of that of batches. NaN where no row
 * counts. The output is [..., classes], logits; the target is the class of each row.
 */
export function perplexity(options: PerplexityOptions = {}): StatefulMetric<Int32Array> {
  checkOptions('perplexity', options, OPTIONS);
  const { ignoreIndex } = options;
  if (ignoreIndex !== undefined) checkInteger('ignoreIndex', ignoreIndex, Number.MIN_SAFE_INTEGER);
  const ignoring = ignoreIndex === undefined ? {} : { ignoreIndex };
  return stateful(() => {
    let [sum, count] = [0, 0];
    return {
      update(output, target) {
        const logits = noGrad(() => output.reshape([-1, output.shape.at(-1) ?? 1]));
        sum += noGrad(() => crossEntropy(logits, target, { ...ignoring, reduction: 'sum' }).item());
        for (const label of target) if (label !== ignoreIndex) count++;
      },
      result: () => (count === 0 ? Number.NaN : Math.exp(sum / count)),
      stateDict: () => ({ sum, count }),
      loadStateDict(state) {
        checkObject('state', state);
        checkNumber('state.sum', state.sum);
        checkInteger('state.count', state.count, 0);
        [sum, count] = [state.sum, state.count];
      },
    };
  });
}
