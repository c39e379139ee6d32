import type { Parameter } from '../array/parameter.js';

/**
 * For the option `noDecay`: whether a parameter has fewer than two dimensions, as biases and the weights of normalisations have,
 * for which a penalty on their size regularises nothing (Goyal et al. 2017, https://arxiv.org/abs/1706.02677, section 5.3; He et
 * al. 2019, https://arxiv.org/abs/1812.01187, section 3.1). False for one without a shape.
 *
 * `new AdamW(model.parameters(), { weightDecay: 0.05, noDecay: biasesAndNorms })`
 */
export function biasesAndNorms({ shape }: Pick<Parameter, 'shape'>): boolean {
  return shape !== undefined && shape.length < 2;
}
