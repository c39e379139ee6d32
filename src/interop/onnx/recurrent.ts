import { isObject } from '../../core/validate.js';
import * as nn from '../../nn/index.js';
import type { Call, Converted, Emitter, Value } from './emitter.js';

type Layer = nn.RNN | nn.GRU | nn.LSTM;

/** The operator, and the order that it has the gates in: ours are r, z, n and i, f, g, o. */
const KINDS = [
  { of: nn.LSTM, operator: 'LSTM', gates: [0, 3, 1, 2] },
  { of: nn.GRU, operator: 'GRU', gates: [1, 0, 2] },
  { of: nn.RNN, operator: 'RNN', gates: [0] },
] as const;

/** A recurrent layer, with its output and its last states. */
export function recurrent(layer: Layer, { emit, inputs, value, path }: Call, x: Value): Converted {
  if (x.shape.length !== 3) throw new Error('a recurrent layer without a batch is not written to ONNX');
  const { batchFirst, hiddenSize, numLayers, bidirectional } = layer;
  const kind = KINDS.find(({ of }) => layer instanceof of) ?? KINDS[2];
  const directions = bidirectional ? 2 : 1;
  const swap = (y: string) => emit.node('Transpose', [y], { perm: [1, 0, 2] });
  const ends = bidirectional ? ['', 'Reverse'] : [''];
  const [, hidden] = inputs;
  const initial = (isObject(hidden) && 'c' in hidden ? [hidden.h, hidden.c] : [hidden]).flatMap((state) =>
    state === undefined ? [] : emit.last(value(state)),
  );
  const attributes = {
    hidden_size: hiddenSize,
    direction: bidirectional ? 'bidirectional' : 'forward',
    ...(kind.operator === 'GRU' ? { linear_before_reset: 1 } : {}),
    ...(layer instanceof nn.RNN
      ? { activations: ends.map(() => (layer.nonlinearity === 'relu' ? 'Relu' : 'Tanh')) }
      : {}),
  };
  let data = batchFirst ? swap(emit.last(x)) : emit.last(x);
  const states: string[][] = [[], []];
  for (let k = 0; k < numLayers; k++) {
    const operands = weights(emit, layer, k, ends, kind.gates, path);
    const [from, to] = [emit.integers([k * directions]), emit.integers([(k + 1) * directions])];
    const own = initial.map((state) => emit.node('Slice', [state, from, to, emit.integers([0])]));
    const outputs = kind.operator === 'LSTM' ? 3 : 2;
    const [y, ...last] = emit.graph.nodes(
      kind.operator,
      [data, ...operands, '', ...own],
      attributes,
      outputs,
    );
    last.forEach((state, i) => {
      states[i].push(state);
    });
    // [steps, directions, batch, hidden] to [steps, batch, directions hidden]
    const rows = emit.node('Transpose', [y], { perm: [0, 2, 1, 3] });
    data = emit.node('Reshape', [rows, emit.integers([0, 0, directions * hiddenSize])]);
  }
  const [first, second] = x.shape;
  const batch = batchFirst ? first : second;
  const result = (last: string, shape: readonly number[]): Value => ({ shape, last, second: null });
  const whole = (parts: readonly string[]) =>
    result(parts.length === 1 ? parts[0] : emit.node('Concat', parts, { axis: 0 }), [
      numLayers * directions,
      batch,
      hiddenSize,
    ]);
  const output = result(batchFirst ? swap(data) : data, [first, second, directions * hiddenSize]);
  if (kind.operator !== 'LSTM') return { output, hidden: whole(states[0]) };
  return { output, 'hidden.h': whole(states[0]), 'hidden.c': whole(states[1]) };
}

/** W, R and B of a layer: [directions, gates hidden, ...]. */
function weights(
  emit: Emitter,
  layer: Layer,
  k: number,
  ends: readonly string[],
  gates: readonly number[],
  path: string,
): string[] {
  const rows = layer.hiddenSize;
  const matrix = (name: 'weightIh' | 'weightHh' | 'biasIh' | 'biasHh', end: string) => {
    const { value, shape }: nn.Tensor = layer.getParameter(`${name}L${k}${end}`);
    const width = shape[1] ?? 1;
    const parts = gates.flatMap((gate) =>
      Array.from(value.subarray(gate * rows * width, (gate + 1) * rows * width)),
    );
    return { parts, shape };
  };
  const side = (name: 'weightIh' | 'weightHh') => {
    const parts = ends.map((end) => matrix(name, end));
    const values = parts.flatMap((part) => part.parts);
    return emit.floats(values, [ends.length, ...parts[0].shape], `${path}${name}L${k}`);
  };
  const products = [side('weightIh'), side('weightHh')];
  const hasBias = layer.namedParameters().some(([name]) => name.startsWith('bias'));
  if (!hasBias) return [...products, ''];
  const values = ends.flatMap((end) => [...matrix('biasIh', end).parts, ...matrix('biasHh', end).parts]);
  return [...products, emit.floats(values, [ends.length, values.length / ends.length], `${path}biasL${k}`)];
}
