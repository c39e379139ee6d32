import { permute } from '../../array/transpose.js';
import type { UnaryName } from '../../backend/contract/kernels.js';
import type { Window } from '../../core/window-geometry.js';
import * as nn from '../../nn/index.js';
import { hasForwardHooks } from '../../nn/layers/hooks.js';
import type { AnyModule } from '../../nn/layers/module.js';
import { runsAs } from '../runs-as.js';
import type { Layer, Weight } from './layer.js';
import { recurrentLayers } from './recurrent.js';

const layer = (
  className: string,
  config: Readonly<Record<string, unknown>>,
  weights: readonly Weight[] = [],
): Layer => ({ className, config, weights });

/** The tensor with its dimensions in another order. */
function turned(name: string, { value, shape }: nn.Tensor, axes: readonly number[]): Weight {
  return { name, shape: axes.map((axis) => shape[axis]), value: permute(value, { shape, axes }) };
}

const plain = (name: string, { value, shape }: nn.Tensor): Weight => ({ name, shape, value });
const biasOf = (bias: nn.Tensor | null) => (bias === null ? [] : [plain('bias', bias)]);

/** What Keras calls the functions; a hard sigmoid is another function there, and the name of `gelu_new` is lost when it is loaded. */
const ACTIVATIONS: Readonly<Partial<Record<UnaryName, string>>> = {
  relu: 'relu',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  silu: 'swish',
  selu: 'selu',
  softplus: 'softplus',
  softsign: 'softsign',
  gelu: 'gelu',
  mish: 'mish',
};

class Refused extends Error {}

function refuse(problem: string): never {
  throw new Refused(problem);
}

/** The layers before a convolution of images, and how it is padded itself. */
function padded({ before, after }: Window): readonly Layer[] {
  if ([...before, ...after].every((count) => count === 0)) return [];
  return [
    layer('ZeroPadding2D', {
      padding: [
        [before[0], after[0]],
        [before[1], after[1]],
      ],
      data_format: 'channels_last',
    }),
  ];
}

function common(window: Window, filters: number, bias: nn.Tensor | null) {
  const [from, kernel] = [window.rank === 1 ? 1 : 0, window.kernel];
  if (window.stride.some((s) => s > 1) && window.dilation.some((d) => d > 1)) {
    refuse('TensorFlow.js has no stride together with a dilation');
  }
  return {
    filters,
    kernel_size: kernel.slice(from),
    strides: window.stride.slice(from),
    dilation_rate: window.dilation.slice(from),
    padding: 'valid',
    data_format: 'channels_last',
    activation: 'linear',
    use_bias: bias !== null,
  };
}

function ungrouped({ groups }: { readonly groups: number }): void {
  if (groups > 1) refuse('TensorFlow.js has no convolution in groups');
}

function conv1d({ weight, bias, groups, window }: nn.Conv1d): Layer[] {
  ungrouped({ groups });
  const config = common(window, weight.shape[0], bias);
  const [before, after] = [window.before[1], window.after[1]];
  const isSame = window.stride[1] === 1 && before + after === (window.kernel[1] - 1) * window.dilation[1];
  if (before + after > 0 && !(isSame && before === Math.floor((before + after) / 2))) {
    refuse("TensorFlow.js pads sequences as 'same' or not at all");
  }
  const padding = before + after > 0 ? 'same' : 'valid';
  return [layer('Conv1D', { ...config, padding }, [turned('kernel', weight, [1, 2, 0]), ...biasOf(bias)])];
}

function conv2d({ weight, bias, groups, window }: nn.Conv2d): Layer[] {
  ungrouped({ groups });
  const weights = [turned('kernel', weight, [1, 2, 3, 0]), ...biasOf(bias)];
  return [...padded(window), layer('Conv2D', common(window, weight.shape[0], bias), weights)];
}

/** Alike where nothing is left out or added, and no output lies between windows. */
function convTranspose2d({
  weight,
  bias,
  groups,
  window: { window, outputPadding },
}: nn.ConvTranspose2d): Layer[] {
  ungrouped({ groups });
  const more = typeof outputPadding === 'number' ? [outputPadding] : outputPadding;
  const areZero = [...window.before, ...more].every((count) => count === 0);
  const reach = window.kernel.every((length, d) => length >= window.stride[d] && window.dilation[d] === 1);
  if (!areZero || !reach)
    refuse('TensorFlow.js has no padding, no dilation and no window below its stride here');
  const weights = [turned('kernel', weight, [1, 2, 3, 0]), ...biasOf(bias)];
  return [layer('Conv2DTranspose', common(window, weight.shape[3], bias), weights)];
}

function pool(kind: 'Max' | 'Average', { window }: { readonly window: Window }): Layer[] {
  const { rank, before, ceilMode, dilation } = window;
  if (ceilMode || [...before].some((count) => count > 0) || dilation.some((d) => d > 1))
    refuse('TensorFlow.js has no padding, dilation or ceilMode of pooling');
  const from = rank === 1 ? 1 : 0;
  return [
    layer(`${kind}Pooling${rank}D`, {
      pool_size: window.kernel.slice(from),
      strides: window.stride.slice(from),
      padding: 'valid',
      ...(rank === 2 ? { data_format: 'channels_last' } : {}),
    }),
  ];
}

function normalization(module: nn.BatchNorm1d | nn.BatchNorm2d): Layer[] {
  const { weight, bias, runningMean, runningVar, eps, momentum } = module;
  const weights = [
    plain('gamma', weight),
    plain('beta', bias),
    plain('moving_mean', runningMean),
    plain('moving_variance', runningVar),
  ];
  const config = { axis: -1, momentum: 1 - momentum, epsilon: eps, center: true, scale: true };
  return [layer('BatchNormalization', config, weights)];
}

type Class = abstract new (...args: never[]) => AnyModule;
/** @param givesSteps whether a recurrent layer gives the state behind every step, or the last one. */
type Converter = (module: AnyModule, givesSteps: boolean) => Layer[] | undefined;

function of<const C extends readonly Class[]>(
  classes: C,
  convert: (module: InstanceType<C[number]>, givesSteps: boolean) => Layer[],
): Converter {
  const isOne = (module: AnyModule): module is InstanceType<C[number]> =>
    classes.some((one) => runsAs(module, one));
  return (module, givesSteps) => (isOne(module) ? convert(module, givesSteps) : undefined);
}

function recurrent(module: nn.LSTM | nn.RNN, className: string, givesSteps: boolean): Layer[] {
  if (!module.batchFirst) refuse('TensorFlow.js has the batch first: make it with batchFirst');
  return recurrentLayers(module, className, givesSteps);
}

const CONVERTERS: readonly Converter[] = [
  of([nn.Linear], ({ weight, bias }) => {
    const config = { units: weight.shape[0], activation: 'linear', use_bias: bias !== null };
    return [layer('Dense', config, [turned('kernel', weight, [1, 0]), ...biasOf(bias)])];
  }),
  of([nn.Conv1d], conv1d),
  of([nn.Conv2d], conv2d),
  of([nn.ConvTranspose2d], convTranspose2d),
  of([nn.MaxPool1d, nn.MaxPool2d], (module) => pool('Max', module)),
  of([nn.AvgPool1d, nn.AvgPool2d], (module) => pool('Average', module)),
  of([nn.GlobalAvgPool2d], () => [layer('GlobalAveragePooling2D', { data_format: 'channels_last' })]),
  of([nn.BatchNorm1d, nn.BatchNorm2d], normalization),
  of([nn.LayerNorm], ({ weight, bias, eps, normalizedShape }) => {
    if (normalizedShape.length > 1) refuse('a LayerNorm is written where it goes over the last dimension');
    const weights = [plain('gamma', weight), plain('beta', bias)];
    return [layer('LayerNormalization', { axis: -1, epsilon: eps, center: true, scale: true }, weights)];
  }),
  of([nn.Embedding], ({ weight }) => {
    const [input_dim, output_dim] = weight.shape;
    return [layer('Embedding', { input_dim, output_dim, mask_zero: false }, [plain('embeddings', weight)])];
  }),
  of([nn.Dropout1d, nn.Dropout2d], () => refuse('TensorFlow.js has no Dropout of channels')),
  of([nn.Dropout], ({ probability }) => [layer('Dropout', { rate: probability })]),
  of([nn.Flatten], ({ startDim, endDim }) => {
    if (startDim !== 1 || endDim !== -1) refuse('TensorFlow.js flattens each sample wholly');
    return [layer('Flatten', { data_format: 'channels_last' })];
  }),
  of([nn.Softmax], ({ axis }) => {
    if (axis < -1) refuse('TensorFlow.js has no Softmax but over the last dimension: give it axis -1');
    return [layer('Softmax', { axis })];
  }),
  of([nn.LeakyReLU], ({ negativeSlope }) => [layer('LeakyReLU', { alpha: negativeSlope })]),
  of([nn.ELU], ({ alpha }) => {
    if (alpha !== 1) refuse('TensorFlow.js has no ELU with an alpha other than 1');
    return [layer('ELU', {})];
  }),
  of([nn.LSTM], (module, givesSteps) => recurrent(module, 'LSTM', givesSteps)),
  of([nn.RNN], (module, givesSteps) => recurrent(module, 'SimpleRNN', givesSteps)),
  of([nn.GRU], () => refuse('TensorFlow.js has no GRU whose reset comes after the product (reset_after)')),
  of([nn.ReLU6], () => [layer('ReLU', { max_value: 6 })]),
];

/**
 * The layers that a module is in TensorFlow.js; a Sequential is those in it.
 * @param givesSteps whether a recurrent layer gives the state behind every step, or the last one.
 * @throws Error naming the module that is none.
 */
export function layersOf(module: AnyModule, path: string, givesSteps: boolean): Layer[] {
  if (runsAs(module, nn.Sequential) && !hasForwardHooks(module)) {
    return module
      .namedChildren()
      .flatMap(([name, child]) => layersOf(child, path === '' ? name : `${path}.${name}`, givesSteps));
  }
  try {
    if (hasForwardHooks(module)) refuse('what hooks do is not written');
    const kind = 'kind' in module ? ACTIVATIONS[module.kind as UnaryName] : undefined;
    const found =
      kind === undefined
        ? CONVERTERS.reduce<Layer[] | undefined>(
            (layers, convert) => layers ?? convert(module, givesSteps),
            undefined,
          )
        : [layer('Activation', { activation: kind })];
    if (found === undefined) refuse('it is no layer of TensorFlow.js');
    return found;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw new Error(`${path} (${module.constructor.name}): ${error.message}`);
  }
}
