import { permute } from '../../array/transpose.js';
import type * as nn from '../../nn/index.js';
import type { Layer, Weight } from './layer.js';

type Recurrent = nn.LSTM | nn.RNN;

/** The layer in a layer of both directions. */
const INNER = 'inner';

/**
 * A layer of TensorFlow.js for each layer inside, with Dropout between; gates stand in the same order, i, f, g, o, and there is one
 * bias where ours are two that are added.
 * @param givesSteps whether the last of them gives every step; the others do.
 */
export function recurrentLayers(module: Recurrent, className: string, givesSteps: boolean): Layer[] {
  const { hiddenSize, numLayers, bidirectional, dropout } = module;
  return Array.from({ length: numLayers }, (_, k): Layer[] => {
    const isLast = k === numLayers - 1;
    const config = {
      units: hiddenSize,
      activation: 'nonlinearity' in module && module.nonlinearity === 'relu' ? 'relu' : 'tanh',
      recurrent_activation: 'sigmoid',
      use_bias: module.biasIhL0 !== undefined,
      return_sequences: givesSteps || !isLast,
    };
    const weights = (end: string, prefix: string) => weightsOf(module, `L${k}${end}`, prefix);
    const between = dropout > 0 && !isLast ? [dropoutLayer(dropout)] : [];
    if (!bidirectional) return [{ className, config, weights: weights('', '') }, ...between];
    const inner = { class_name: className, config: { name: INNER, ...config } };
    const both = [...weights('', `forward_${INNER}/`), ...weights('Reverse', `backward_${INNER}/`)];
    const around = { layer: inner, merge_mode: 'concat' };
    return [{ className: 'Bidirectional', config: around, weights: both }, ...between];
  }).flat();
}

function dropoutLayer(rate: number): Layer {
  return { className: 'Dropout', config: { rate }, weights: [] };
}

/** @param prefix of names, which tells two directions apart. */
function weightsOf(module: Recurrent, place: string, prefix: string): Weight[] {
  const turned = (name: string, { value, shape }: nn.Tensor): Weight => ({
    name: `${prefix}${name}`,
    shape: [shape[1], shape[0]],
    value: permute(value, { shape, axes: [1, 0] }),
  });
  const matrices = [
    turned('kernel', module.getParameter(`weightIh${place}`)),
    turned('recurrent_kernel', module.getParameter(`weightHh${place}`)),
  ];
  if (module.biasIhL0 === undefined) return matrices;
  const [ih, hh] = ['biasIh', 'biasHh'].map((name) => module.getParameter(`${name}${place}`));
  const bias = Float32Array.from(ih.value, (one, i) => one + hh.value[i]);
  return [...matrices, { name: `${prefix}bias`, shape: ih.shape, value: bias }];
}
