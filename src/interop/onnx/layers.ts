import { permute } from '../../array/transpose.js';
import * as nn from '../../nn/index.js';
import type { AnyModule } from '../../nn/layers/module.js';
import { runsAs } from '../runs-as.js';
import type { Call, Converted, Emitter, Value } from './emitter.js';
import { UNARY } from './operations.js';
import { recurrent } from './recurrent.js';
import { adaptive, adaptiveMax, convolution, pooling, transposedConvolution, upsample } from './windows.js';

interface Converter {
  readonly takes: (module: AnyModule) => boolean;
  readonly convert: (module: AnyModule, call: Call) => Converted;
}

type Class = abstract new (...args: never[]) => AnyModule;

function of<const C extends readonly Class[]>(
  classes: C,
  convert: (module: InstanceType<C[number]>, call: Call, x: Value) => Converted,
): Converter {
  const isOne = (module: AnyModule): module is InstanceType<C[number]> =>
    classes.some((one) => runsAs(module, one));
  return {
    takes: isOne,
    convert(module, call) {
      if (!isOne(module)) throw new TypeError(`${module.constructor.name} is another layer`);
      return convert(module, call, call.value(call.inputs[0]));
    },
  };
}

const last = (shape: readonly number[], name: string): Value => ({ shape, last: name, second: null });

/** A converter of what works on each element. */
const each = (make: (emit: Emitter, x: string) => string) => (call: Call, x: Value) =>
  call.emit.each(x, (input) => make(call.emit, input));

/** y weight + bias, for one number a channel, behind a normalisation in the layout of ONNX. */
function scaled(emit: Emitter, y: string, layer: nn.GroupNorm, rank: number, path: string): string {
  const shape = [layer.weight.size, ...Array<number>(rank - 2).fill(1)];
  const weight = emit.floats(layer.weight.value, shape, `${path}weight.places`);
  const bias = emit.floats(layer.bias.value, shape, `${path}bias.places`);
  return emit.node('Add', [emit.node('Mul', [y, weight]), bias]);
}

function linear(emit: Emitter, { weight, bias }: nn.Linear, x: Value, path: string): Value {
  const [outputs, inputs] = weight.shape;
  const shape = [...x.shape.slice(0, -1), outputs];
  const columns = permute(weight.value, { shape: weight.shape, axes: [1, 0] });
  const matrix = emit.floats(columns, [inputs, outputs], `${path}weight.transposed`);
  const summand = bias === null ? [] : [emit.weight(bias, `${path}bias`)];
  if (x.shape.length === 2) return last(shape, emit.node('Gemm', [emit.last(x), matrix, ...summand]));
  const product = emit.node('MatMul', [emit.last(x), matrix]);
  return last(shape, bias === null ? product : emit.node('Add', [product, ...summand]));
}

function attention(layer: nn.MultiHeadAttention, { emit, inputs, value, path }: Call): Value {
  const [query, key = query, values = key, masks = {}] = inputs;
  const { keyPaddingMask, attnMask, isCausal = layer.causal, ...others } = Object(masks);
  if (keyPaddingMask !== undefined || Object.keys(others).length > 0)
    throw new Error('a mask of keys is not written to ONNX');
  const q = value(query);
  const [batch, positions, dimension] = q.shape;
  const { heads } = layer;
  const part = dimension / heads;
  const split = (name: 'query' | 'key' | 'value', x: Value, perm: readonly number[]) => {
    const rows = emit.last(linear(emit, layer[name], x, `${path}${name}.`));
    return emit.node('Transpose', [emit.node('Reshape', [rows, emit.integers([0, 0, heads, part])])], {
      perm,
    });
  };
  const k = value(key);
  const product = emit.node('MatMul', [split('query', q, [0, 2, 1, 3]), split('key', k, [0, 2, 3, 1])]);
  let scores = emit.node('Mul', [product, emit.number(1 / Math.sqrt(part))]);
  if (isCausal === true) scores = emit.node('Add', [scores, causal(emit, positions, k.shape[1])]);
  if (attnMask !== undefined) {
    if (!(attnMask instanceof nn.Tensor) || attnMask.shape.length !== 2)
      throw new Error('a mask is written to ONNX where it is a tensor [queries, keys]');
    scores = emit.node('Add', [scores, emit.last(value(attnMask))]);
  }
  const shares = emit.node('Softmax', [scores], { axis: -1 });
  const sums = emit.node('MatMul', [shares, split('value', value(values), [0, 2, 1, 3])]);
  const rows = emit.node('Transpose', [sums], { perm: [0, 2, 1, 3] });
  const joined = emit.node('Reshape', [rows, emit.integers([0, 0, dimension])]);
  return linear(emit, layer.output, last([batch, positions, dimension], joined), `${path}output.`);
}

/** What hides the keys behind each query. */
function causal(emit: Emitter, queries: number, keys: number): string {
  const mask = Float32Array.from({ length: queries * keys }, (_, i) =>
    i % keys > Math.floor(i / keys) ? Number.NEGATIVE_INFINITY : 0,
  );
  return emit.floats(mask, [queries, keys], `causal ${queries} x ${keys}`);
}

/** A normalisation by the statistics that training has left. */
function byRunning(
  { weight, bias, eps }: Pick<nn.BatchNorm2d, 'weight' | 'bias' | 'eps'>,
  runningMean: nn.Tensor,
  runningVar: nn.Tensor,
  { emit, path }: Call,
  x: Value,
): Value {
  const numbers = Object.entries({ weight, bias, runningMean, runningVar });
  const operands = numbers.map(([name, tensor]) => emit.weight(tensor, `${path}${name}`));
  const inputs = [x.shape.length === 2 ? emit.last(x) : emit.second(x), ...operands];
  const y = emit.node('BatchNormalization', inputs, { epsilon: { float: eps } });
  return x.shape.length === 2 ? last(x.shape, y) : { shape: x.shape, last: null, second: y };
}

const CONVERTERS: readonly Converter[] = [
  of([nn.Linear], (layer, { emit, path }, x) => linear(emit, layer, x, path)),
  of([nn.Conv1d, nn.Conv2d], (layer, { emit, path }, x) => convolution(emit, layer, x, path)),
  of([nn.ConvTranspose1d, nn.ConvTranspose2d], (layer, { emit, path }, x) =>
    transposedConvolution(emit, layer, x, path),
  ),
  of([nn.MaxPool1d, nn.MaxPool2d, nn.AvgPool1d, nn.AvgPool2d], (layer, { emit }, x) =>
    pooling(emit, layer, x),
  ),
  of([nn.AdaptiveAvgPool1d], ({ outputSize }, { emit }, x) => adaptive(emit, [outputSize], x)),
  of([nn.AdaptiveAvgPool2d], ({ outputs }, { emit }, x) => adaptive(emit, outputs, x)),
  of([nn.AdaptiveMaxPool1d], ({ outputSize }, { emit }, x) => adaptiveMax(emit, [outputSize], x)),
  of([nn.AdaptiveMaxPool2d], ({ outputs }, { emit }, x) => adaptiveMax(emit, outputs, x)),
  of([nn.GlobalAvgPool2d], (_, { emit, shape }, x) =>
    last(shape, emit.node('ReduceMean', [emit.second(x), emit.integers([2, 3])], { keepdims: 0 })),
  ),
  of([nn.Upsample], (layer, { emit, shape }, x) => upsample(emit, layer, x, shape)),
  of([nn.Embedding], ({ weight }, { emit, shape, path }, x) =>
    last(shape, emit.node('Gather', [emit.weight(weight, `${path}weight`), emit.last(x)])),
  ),
  of([nn.BatchNorm1d, nn.BatchNorm2d], (layer, call, x) =>
    byRunning(layer, layer.runningMean, layer.runningVar, call, x),
  ),
  of([nn.InstanceNorm1d, nn.InstanceNorm2d], (layer, call, x) => {
    const { weight, bias, runningMean, runningVar, eps } = layer;
    if (runningMean !== null && runningVar !== null)
      return byRunning(layer, runningMean, runningVar, call, x);
    const { emit, path } = call;
    const operands = [emit.weight(weight, `${path}weight`), emit.weight(bias, `${path}bias`)];
    const attributes = { epsilon: { float: eps } };
    const y = emit.node('InstanceNormalization', [emit.second(x), ...operands], attributes);
    return { shape: x.shape, last: null, second: y };
  }),
  of([nn.GroupNorm], (layer, { emit, path }, x) => {
    const { groups, eps } = layer;
    const [, ...rest] = x.shape;
    const [channels, ...places] = [rest[rest.length - 1], ...rest.slice(0, -1)];
    const isRows = places.length === 0;
    const input = isRows ? emit.last(x) : emit.second(x);
    const inGroups = emit.node('Reshape', [input, emit.integers([0, groups, -1])]);
    const ones = emit.floats(Array<number>(groups).fill(1), [groups]);
    const zeros = emit.floats(Array<number>(groups).fill(0), [groups]);
    const operands = [inGroups, ones, zeros];
    const normal = emit.node('InstanceNormalization', operands, { epsilon: { float: eps } });
    const whole = emit.node('Reshape', [normal, emit.integers([0, channels, ...places])]);
    const y = scaled(emit, whole, layer, x.shape.length, path);
    return isRows ? last(x.shape, y) : { shape: x.shape, last: null, second: y };
  }),
  of([nn.LayerNorm], ({ weight, bias, eps, normalizedShape }, { emit, path }, x) => {
    const operands = [emit.last(x), emit.weight(weight, `${path}weight`), emit.weight(bias, `${path}bias`)];
    const attributes = { axis: -normalizedShape.length, epsilon: { float: eps } };
    return last(x.shape, emit.node('LayerNormalization', operands, attributes));
  }),
  of([nn.RMSNorm], ({ weight, eps, normalizedShape }, { emit, path }, x) => {
    const input = emit.last(x);
    const axes = emit.integers(normalizedShape.map((_, d) => d - normalizedShape.length));
    const mean = emit.node('ReduceMean', [emit.node('Mul', [input, input]), axes]);
    const root = emit.node('Sqrt', [emit.node('Add', [mean, emit.number(eps)])]);
    const scale = emit.weight(weight, `${path}weight`);
    return last(x.shape, emit.node('Mul', [emit.node('Div', [input, root]), scale]));
  }),
  of([nn.MultiHeadAttention], (layer, call) => attention(layer, call)),
  of([nn.RNN, nn.GRU, nn.LSTM], (layer, call, x) => recurrent(layer, call, x)),
  of([nn.SinusoidalPositions], (_, { emit }, x) => {
    if (x.shape.length < 3) throw new Error('positions without a batch are not written to ONNX');
    const [positions, dimension] = x.shape.slice(-2);
    const table = emit.weight(nn.sinusoidalPositions(positions, dimension));
    return last(x.shape, emit.node('Add', [emit.last(x), table]));
  }),
  of([nn.Bilinear], ({ weight, bias }, { emit, value, inputs, shape, path }, x) => {
    const [outputs, inputs1, inputs2] = weight.shape;
    const column = emit.node('Unsqueeze', [emit.last(x), emit.integers([-1])]);
    const row = emit.node('Unsqueeze', [emit.last(value(inputs[1])), emit.integers([-2])]);
    const lead = x.shape.slice(1, -1);
    const pairs = emit.node('Reshape', [
      emit.node('Mul', [column, row]),
      emit.integers([...(x.shape.length > 1 ? [0] : []), ...lead, inputs1 * inputs2]),
    ]);
    const columns = permute(weight.value, { shape: [outputs, inputs1 * inputs2], axes: [1, 0] });
    const matrix = emit.floats(columns, [inputs1 * inputs2, outputs], `${path}weight.transposed`);
    const product = emit.node('MatMul', [pairs, matrix]);
    const y = bias === null ? product : emit.node('Add', [product, emit.weight(bias, `${path}bias`)]);
    return last(shape, y);
  }),
  of([nn.LeakyReLU], ({ negativeSlope }, call, x) =>
    each((emit, y) => emit.node('LeakyRelu', [y], { alpha: { float: negativeSlope } }))(call, x),
  ),
  of([nn.ELU], ({ alpha }, call, x) =>
    each((emit, y) => emit.node('Elu', [y], { alpha: { float: alpha } }))(call, x),
  ),
  of([nn.Softplus], ({ beta, threshold }, call, x) =>
    each((emit, y) => {
      const product = emit.node('Mul', [y, emit.number(beta)]);
      const smooth = emit.node('Mul', [UNARY.softplus(emit, product), emit.number(1 / beta)]);
      // Beyond 20 nothing of the difference is left in float32.
      if (threshold >= 20) return smooth;
      return emit.node('Where', [emit.node('Greater', [product, emit.number(threshold)]), y, smooth]);
    })(call, x),
  ),
  of([nn.Hardtanh], ({ minVal, maxVal }, call, x) =>
    each((emit, y) => emit.node('Clip', [y, emit.number(minVal), emit.number(maxVal)]))(call, x),
  ),
  of([nn.ReLU6], (_, call, x) =>
    each((emit, y) => emit.node('Clip', [y, emit.number(0), emit.number(6)]))(call, x),
  ),
  of([nn.Tanhshrink], (_, call, x) =>
    each((emit, y) => emit.node('Sub', [y, emit.node('Tanh', [y])]))(call, x),
  ),
  of([nn.PReLU], ({ weight }, { emit, path }, x) => {
    const slope = emit.weight(weight, `${path}weight`);
    return last(x.shape, emit.node('PRelu', [emit.last(x), slope]));
  }),
  of([nn.GLU], ({ axis }, { emit, shape }, x) => {
    const [a, b] = emit.graph.nodes('Split', [emit.last(x)], { axis, num_outputs: 2 }, 2);
    return last(shape, emit.node('Mul', [a, emit.node('Sigmoid', [b])]));
  }),
  of([nn.Softmax], ({ axis }, { emit }, x) => last(x.shape, emit.node('Softmax', [emit.last(x)], { axis }))),
  of([nn.LogSoftmax], ({ axis }, { emit }, x) =>
    last(x.shape, emit.node('LogSoftmax', [emit.last(x)], { axis })),
  ),
];

/** What writes a layer, or undefined where it is made of others, or of functions. */
export function converterOf(module: AnyModule): Converter['convert'] | undefined {
  return CONVERTERS.find(({ takes }) => takes(module))?.convert;
}
