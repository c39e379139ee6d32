import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { currentTarget, targets, useTarget } from '../../src/backend/select.js';
import * as nn from '../../src/nn/index.js';
import { expectClose, expectGradients, poisonPool, randomTensor } from './helpers.js';

interface Entry {
  readonly shape: readonly number[];
  readonly value: readonly number[];
}
type Entries = Readonly<Record<string, Entry>>;

interface Golden {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>> & { readonly batchFirst?: boolean };
  readonly lengths: readonly number[] | null;
  readonly inputs: Entries;
  readonly parameters: Entries;
  readonly outputs: Entries;
  readonly seeds: Entries;
  readonly gradients: Entries;
}

const golden: Golden[] = JSON.parse(
  readFileSync(new URL('../golden/recurrent.json', import.meta.url), 'utf8'),
);

beforeEach(poisonPool);
afterEach(() => {
  vi.restoreAllMocks();
});
const initialTarget = currentTarget();
afterAll(() => useTarget(initialTarget));

type DType = nn.DType;
const arrays = { float32: Float32Array, float64: Float64Array };
const tensorOf = ({ shape, value }: Entry, dtype: DType, requiresGrad = false) =>
  nn.tensor(arrays[dtype].from(value), shape, { requiresGrad });

function make(kind: string, options: object, sizes: readonly number[] = [3, 4]): unknown {
  return Reflect.construct(Reflect.get(nn, kind), [...sizes, options]);
}

/** What the layer or the cell gives, by the names of the golden files. */
function run(layer: unknown, inputs: Readonly<Record<string, nn.Tensor>>, test: Golden) {
  const { x, h, c } = inputs;
  const { lengths } = test;
  const { batchFirst = false } = test.options;
  if (layer instanceof nn.LSTMCell) return { ...layer.forward(x, h && c ? { h, c } : undefined) };
  if (layer instanceof nn.RNNCell || layer instanceof nn.GRUCell) return { h: layer.forward(x, h) };
  const isSorted = lengths?.every((length, i) => i === 0 || length <= lengths[i - 1]) ?? true;
  const packed = lengths && nn.packPaddedSequence(x, lengths, { batchFirst, enforceSorted: isSorted });
  const outputOf = (output: nn.Tensor | nn.PackedSequence) =>
    output instanceof nn.Tensor ? output : nn.padPackedSequence(output, { batchFirst }).output;
  if (layer instanceof nn.LSTM) {
    const { output, hidden } = layer.forward(packed ?? x, h && c ? { h, c } : undefined);
    return { output: outputOf(output), ...hidden };
  }
  if (!(layer instanceof nn.RNN || layer instanceof nn.GRU)) throw new Error('no layer');
  const { output, hidden } = layer.forward(packed ?? x, h);
  return { output: outputOf(output), h: hidden };
}

function expectNear(actual: ArrayLike<number>, { value }: Entry, dtype: DType, what: string): void {
  if (dtype === 'float64') expectClose(actual, value, what);
  for (const [i, wanted] of value.entries()) {
    expect(Math.abs(actual[i] - wanted), `${what}[${i}]`).toBeLessThanOrEqual(
      3e-5 * Math.max(1, Math.abs(wanted)),
    );
  }
}

const titled = golden.map((test) => ({
  test,
  title: `${test.kind} ${JSON.stringify(test.options)} ${test.inputs.x.shape}, lengths ${test.lengths}`,
}));

describe.each(targets())('on %s', (target) => {
  beforeAll(() => useTarget(target));

  describe.each(['float64', 'float32'] as const)("PyTorch's numbers in %s", (dtype) => {
    it.each(titled)('$title', ({ test }) => {
      const layer = make(test.kind, { ...test.options, dtype });
      if (!(layer instanceof nn.Module)) throw new Error('no module');
      const state = Object.fromEntries(
        Object.entries(test.parameters).map(([name, { shape, value }]) => [
          name,
          { shape, value: arrays[dtype].from(value) },
        ]),
      );
      expect(Object.keys(layer.stateDict())).toEqual(Object.keys(state));
      layer.loadStateDict(state);
      const inputs = Object.fromEntries(
        Object.entries(test.inputs).map(([name, entry]) => [name, tensorOf(entry, dtype, true)]),
      );
      const outputs: Record<string, nn.Tensor> = run(layer, inputs, test);
      expect(Object.keys(outputs)).toEqual(Object.keys(test.outputs));
      const terms = Object.entries(outputs).map(([name, output]) => {
        expect(output.shape).toEqual(test.outputs[name].shape);
        return output.mul(tensorOf(test.seeds[name], dtype)).sum();
      });
      for (const [name, output] of Object.entries(outputs)) {
        expectNear(output.value, test.outputs[name], dtype, name);
      }
      terms.reduce((sum, term) => sum.add(term)).backward();
      const leaves = new Map(Object.entries(inputs));
      for (const parameter of layer.parameters()) leaves.set(parameter.name ?? '', parameter);
      expect([...leaves.keys()]).toEqual(Object.keys(test.gradients));
      for (const [name, { grad }] of leaves) {
        expectNear(grad ?? [], test.gradients[name], dtype, `the gradient of ${name}`);
      }
    });
  });
});
