import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { currentTarget, targets, useTarget } from '../../src/backend/select.js';
import * as nn from '../../src/nn/index.js';
import { expectClose, expectGradients, poisonPool, randomTensor, weigh } from './helpers.js';

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

type DType = nn.DType;
const arrays = { float32: Float32Array, float64: Float64Array };
const tensorOf = ({ shape, value }: Entry, dtype: DType, requiresGrad = false) =>
  nn.tensor(arrays[dtype].from(value), shape, { requiresGrad });

function make(kind: string, options: object, sizes: readonly number[] = [3, 4]): unknown {
  return Reflect.construct(Reflect.get(nn, kind), [...sizes, options]);
}

/** What the layer or the cell gives, by the names of the golden files. */
function run(
  layer: unknown,
  inputs: Readonly<Record<string, nn.Tensor>>,
  test: Pick<Golden, 'options' | 'lengths'>,
) {
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

describe.each([...new Set([initialTarget, 'typescript'])])('on %s', (target) => {
  beforeAll(() => useTarget(target));
  const float64 = (seed: number) => ({ dtype: 'float64', generator: new nn.Generator(seed) }) as const;
  describe('gradients', () => {
    const several = { numLayers: 2, bidirectional: true, batchFirst: true };
    const choices = [{}, several, { bidirectional: true, bias: false }];
    const kinds = ['RNN', 'GRU', 'LSTM'].flatMap((kind) => choices.map((options) => ({ kind, options })));

    it.each(kinds)('of $kind, $options', ({ kind, options }) => {
      const batchFirst = options === several;
      const x = randomTensor(batchFirst ? [2, 3, 2] : [3, 2, 2], 1);
      const layer = make(kind, { ...float64(4), ...options }, [2, 2]);
      if (!(layer instanceof nn.Module)) throw new Error('no module');
      const layers = Object.keys(layer.stateDict()).filter((name) => name.startsWith('weightHh')).length;
      const states: Record<string, nn.Tensor> = { h: randomTensor([layers, 2, 2], 2) };
      if (kind === 'LSTM') states.c = randomTensor([layers, 2, 2], 3);
      const loss = () =>
        Object.values(run(layer, { x, ...states }, { options: { batchFirst }, lengths: null }))
          .map((one, i) => weigh(one, 99 - i))
          .reduce((sum, one) => sum.add(one));
      expectGradients(loss, [x, ...Object.values(states), ...layer.parameters()]);
    });

    it('of the states alone', () => {
      const x = randomTensor([3, 2, 2], 1);
      const [h, c] = [2, 3].map((seed) => randomTensor([1, 2, 3], seed));
      const layer = new nn.LSTM(2, 3, float64(6));
      expectGradients(() => weigh(layer.forward(x).hidden.c), [x]);
      const twice = () => {
        const first = layer.forward(x, { h, c }).hidden;
        return weigh(layer.forward(x, first).hidden.c).add(weigh(first.c));
      };
      expectGradients(twice, [x, h, c]);
    });

    it.each([{}, { bidirectional: true, numLayers: 2 }])('of packed sequences, %j', (options) => {
      const x = randomTensor([4, 4, 2], 1);
      const layer = new nn.LSTM(2, 3, { ...float64(6), ...options });
      const loss = () => {
        const packed = nn.packPaddedSequence(x, [2, 4, 1, 4], { enforceSorted: false });
        const { output, hidden } = layer.forward(packed);
        const { output: padded } = nn.padPackedSequence(output, { paddingValue: 0.5, totalLength: 5 });
        return weigh(padded).add(weigh(hidden.c, 98)).add(weigh(hidden.h, 97)).add(x.mul(x).sum());
      };
      expectGradients(loss, [x, ...layer.parameters()]);
    });

    it('of cells in a loop', () => {
      const xs = [1, 2, 3].map((seed) => randomTensor([2, 2], seed));
      const cell = new nn.LSTMCell(2, 3, float64(4));
      const loss = () => {
        let state = cell.forward(xs[0]);
        for (const x of xs.slice(1)) state = cell.forward(x, state);
        return weigh(state.h);
      };
      expectGradients(loss, [...xs, ...cell.parameters()]);
      const unit = new nn.GRUCell(2, 3, float64(4));
      const units = () => {
        let h = unit.forward(xs[0]);
        for (const x of xs.slice(1)) h = unit.forward(x, h);
        return weigh(h);
      };
      expectGradients(units, [...xs, ...unit.parameters()]);
    });

    it('reach a frozen layer with nothing', () => {
      const [x, layer] = [randomTensor([3, 2, 2], 1), new nn.LSTM(2, 3, float64(4))];
      for (const parameter of layer.parameters()) parameter.requiresGrad = false;
      expectGradients(() => weigh(layer.forward(x).output), [x]);
      const frozen = randomTensor([3, 2, 2], 1, false);
      for (const parameter of layer.buffers()) parameter.requiresGrad = true;
      expectGradients(() => weigh(layer.forward(frozen).output), layer.parameters());
    });
  });

  it('gives what a loop over cells gives, and goes on where it stopped', () => {
    const x = randomTensor([6, 2, 2], 1, false);
    const layer = new nn.LSTM(2, 3, float64(4));
    const { output, hidden } = nn.noGrad(() => layer.forward(x));
    const part = (first: number) => nn.tensor(x.value.slice(first * 4, (first + 3) * 4), [3, 2, 2]);
    const begin = nn.noGrad(() => layer.forward(part(0)));
    const end = nn.noGrad(() => layer.forward(part(3), begin.hidden));
    expect([...begin.output.value, ...end.output.value]).toEqual([...output.value]);
    expect(end.hidden.c.value).toEqual(hidden.c.value);
    expect(end.hidden.h.value).toEqual(hidden.h.value);
  });

  it('draws the numbers of dropout between layers in training alone', () => {
    const x = randomTensor([3, 2, 2], 1, false);
    const layer = new nn.GRU(2, 3, { ...float64(4), numLayers: 2, dropout: 0.5 });
    const plain = new nn.GRU(2, 3, { ...float64(4), numLayers: 2 });
    const values = (model: nn.GRU) => [...nn.noGrad(() => model.forward(x).output).value];
    nn.manualSeed(1);
    expect(values(layer)).not.toEqual(values(plain));
    layer.eval();
    expect(values(layer)).toEqual(values(plain));
    expectGradients(() => {
      nn.manualSeed(1);
      return weigh(layer.train().forward(x).output);
    }, layer.parameters());
  });
});

describe('packed sequences', () => {
  const x = nn.tensor([1, 2, 3, 4, 5, 6], [3, 2]);

  it('have the first steps of all sequences first', () => {
    const packed = nn.packPaddedSequence(x, [1, 3], { enforceSorted: false });
    expect([...packed.data.value]).toEqual([2, 1, 4, 6]);
    expect([...packed.batchSizes]).toEqual([2, 1, 1]);
    expect([...(packed.sortedIndices ?? [])]).toEqual([1, 0]);
    expect([...(packed.unsortedIndices ?? [])]).toEqual([1, 0]);
    const { output, lengths } = nn.padPackedSequence(packed, { batchFirst: true, paddingValue: -1 });
    expect(output.shape).toEqual([2, 3]);
    expect([...output.value]).toEqual([1, -1, -1, 2, 4, 6]);
    expect([...lengths]).toEqual([1, 3]);
  });

  it.each<[string, () => unknown, string]>([
    [
      'lengths that grow',
      () => nn.packPaddedSequence(x, [1, 3]),
      'lengths must not grow unless enforceSorted is false, got 3 after 1',
    ],
    ['lengths of 0', () => nn.packPaddedSequence(x, [3, 0]), 'lengths must be at least 1, got 0'],
    [
      'lengths beyond the steps',
      () => nn.packPaddedSequence(x, [4, 1]),
      'lengths[0] must be a whole number from 0 to 3, got 4',
    ],
    [
      'too few lengths',
      () => nn.packPaddedSequence(x, [3]),
      'lengths must have one length for each of 2 sequences, got 1',
    ],
    [
      'no batch',
      () => nn.packPaddedSequence(nn.tensor([1]), [1]),
      'x must have shape [steps, batch, ...], got [1]',
    ],
    [
      'fewer steps than there are',
      () => nn.padPackedSequence(nn.packPaddedSequence(x, [3, 1]), { totalLength: 2 }),
      'totalLength must be an integer of at least 3, got 2',
    ],
    [
      'sizes that do not fit',
      () => nn.padPackedSequence({ ...nn.packPaddedSequence(x, [3, 1]), batchSizes: Int32Array.of(2, 1) }),
      'sequence.data must have shape [3, ...] as batchSizes say, got [4]',
    ],
    [
      'sizes that grow',
      () => nn.padPackedSequence({ ...nn.packPaddedSequence(x, [3, 1]), batchSizes: Int32Array.of(1, 2, 1) }),
      'sequence.batchSizes must be at least 1 and not grow, got [1, 2, 1]',
    ],
    [
      'an order that is none',
      () => nn.padPackedSequence({ ...nn.packPaddedSequence(x, [3, 1]), sortedIndices: Int32Array.of(1, 1) }),
      'sequence.sortedIndices must be an Int32Array with each number below 2 once, got Int32Array(2)',
    ],
  ])('refuse %s', (_, call, message) => expect(call).toThrow(message));
});

describe('layers', () => {
  const layer = new nn.LSTM(2, 3);
  const x = nn.tensor(new Float32Array(8), [2, 2, 2]);
  const state = (...shape: number[]) => nn.tensor(new Float32Array(shape.reduce((a, b) => a * b)), shape);

  it.each<[string, () => unknown, string]>([
    [
      'x of another width',
      () => layer.forward(state(2, 2, 3)),
      'x must have shape [steps, batch, 2] or [steps, 2], got [2, 2, 3]',
    ],
    [
      'x of another type',
      () => layer.forward(nn.tensor(new Float64Array(8), [2, 2, 2])),
      'x must be float32',
    ],
    ['what is no tensor', () => Reflect.apply(layer.forward, layer, [[1, 2]]), 'x must be a Tensor'],
    [
      'half a state',
      () => Reflect.apply(layer.forward, layer, [x, state(1, 2, 3)]),
      'hidden must be an object with h and c, got Tensor',
    ],
    [
      'a state of another batch',
      () => layer.forward(x, { h: state(1, 2, 3), c: state(1, 1, 3) }),
      'hidden.c must have shape [1, 2, 3], got [1, 1, 3]',
    ],
    [
      'a nonlinearity',
      () => make('RNN', { nonlinearity: 'sine' }),
      'nonlinearity must be one of "tanh", "relu", got "sine"',
    ],
    ['no layers', () => make('GRU', { numLayers: 0 }), 'numLayers must be an integer of at least 1, got 0'],
    ['a width of 0', () => make('GRU', {}, [0, 1]), 'inputSize must be an integer of at least 1, got 0'],
    [
      'a cell its x',
      () => new nn.GRUCell(2, 3).forward(x),
      'x must have shape [batch, 2] or [2], got [2, 2, 2]',
    ],
    [
      'a cell its state',
      () => new nn.GRUCell(2, 3).forward(state(1, 2), state(3)),
      'hidden must have shape [1, 3], got [3]',
    ],
  ])('refuse %s', (_, call, message) => expect(call).toThrow(message));

  it('start within +-1 / sqrt(hiddenSize), and are parts of a model', () => {
    class Model extends nn.Module {
      readonly lstm = new nn.LSTM(2, 4, { bidirectional: true });
      readonly head = new nn.Linear(8, 2);
      override forward(input: nn.Tensor): nn.Tensor {
        return this.head.forward(this.lstm.forward(input).output);
      }
    }
    const model = new Model();
    expect(Object.keys(model.stateDict()).slice(0, 5)).toEqual([
      'lstm.weightIhL0',
      'lstm.weightHhL0',
      'lstm.biasIhL0',
      'lstm.biasHhL0',
      'lstm.weightIhL0Reverse',
    ]);
    expect(model.summary(x)).toMatch(/lstm +LSTM +\[2, 2, 8\] +256/);
    for (const { value } of model.lstm.parameters()) {
      expect(Math.max(...value.map(Math.abs))).toBeLessThan(0.5);
      expect(Math.max(...value)).toBeGreaterThan(0.1);
    }
  });

  it('tell who reads the cells too late', () => {
    const result = new nn.LSTM(2, 3).forward(x);
    result.output.sum().backward();
    expect(() => result.hidden.h).toThrow('was released by backward()');
    expect(() => result.hidden.c).toThrow('were released by backward()');
  });
});
