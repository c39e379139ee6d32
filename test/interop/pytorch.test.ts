import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { targets, useTarget } from '../../src/backend/select.js';
import { formatSafetensors, parseSafetensors } from '../../src/data/index.js';
import * as lockstep from '../../src/index.js';
import { fromPyTorch, optimizerFromPyTorch, optimizerToPyTorch, toPyTorch } from '../../src/interop/index.js';
import * as nn from '../../src/nn/index.js';
import { expectClose } from '../nn/helpers.js';
import { type Golden, leaf, Net, Networks, stored } from './networks.js';

const golden: Golden = JSON.parse(readFileSync(new URL('../golden/interop.json', import.meta.url), 'utf8'));

describe.each(targets())('on %s', (target) => {
  it('a model of all layers computes what it does in PyTorch', () => {
    useTarget(target);
    const model = fromPyTorch(new Networks(), stored(golden.state)).eval();
    const x = Object.fromEntries(Object.entries(golden.inputs).map(([name, entry]) => [name, leaf(entry)]));
    const first = x.steps.select(0, 0);
    const outputs: Record<string, nn.Tensor> = {
      images: model.images.forward(x.images),
      sequences: model.sequences.forward(x.sequences),
      encoder: model.encoder.forward(x.encoder),
      decoder: model.decoder.forward(x.encoder, x.memory),
      attention: model.attention.forward(x.encoder),
      lstm: model.lstm.forward(x.steps).output,
      gru: model.gru.forward(x.steps).output,
      rnn: model.rnn.forward(x.steps).output,
      lstmCell: model.lstmCell.forward(first).h,
      gruCell: model.gruCell.forward(first),
      words: model.words.forward([0, 6, 3]),
      bilinear: model.bilinear.forward(x.pairs, first),
      norm: model.norm.forward(x.encoder),
    };
    expect(Object.keys(outputs)).toEqual(Object.keys(golden.outputs));
    for (const [name, { value }] of Object.entries(golden.outputs))
      expectClose(outputs[name].value, value, name);
  });

  it.each(golden.trainings)('$optimizer $options goes on as PyTorch does', (training) => {
    useTarget(target);
    const { optimizer: name, options, before, states, positions, order, after } = training;
    const byPosition = Object.fromEntries(
      Object.values(stored(states)).map((tensor, i) => [positions[i], tensor]),
    );
    for (const [tensors, rest] of [[stored(states), {}] as const, [byPosition, { order }] as const]) {
      const model = fromPyTorch(new Net(golden), stored(before));
      const optimizer = new lockstep[name](model.parameters(), options);
      optimizerFromPyTorch(optimizer, model, tensors, rest);
      // And back.
      expect(Object.entries(optimizerToPyTorch(optimizer, model)).map(plain).sort()).toEqual(
        Object.entries(tensors === byPosition ? stored(states) : tensors)
          .map(plain)
          .sort(),
      );
      for (let step = 0; step < 4; step++) {
        model.zeroGrad();
        model.forward().backward();
        optimizer.step();
      }
      const trained = toPyTorch(model);
      expect(Object.keys(trained).sort()).toEqual(Object.keys(after).sort());
      for (const [key, { value }] of Object.entries(after))
        expectClose(Float64Array.from(trained[key].value, Number), value, key);
    }
  });
});

function plain([name, { value, shape }]: [
  string,
  { value: ArrayLike<number | bigint>; shape: readonly number[] },
]) {
  return [name, shape.join(), Array.from(value, Number).join()].join(' ');
}

describe('a model', () => {
  it('goes back as it came, through a file', () => {
    const counters = Object.fromEntries(
      Object.entries(golden.state).map(([name, entry]) => [
        name,
        entry.counts ? { ...entry, value: [0] } : entry,
      ]),
    );
    const model = fromPyTorch(new Networks(), stored(golden.state));
    const bytes = Buffer.concat([...formatSafetensors(toPyTorch(model))]);
    const back = parseSafetensors(bytes, 'bytes', { types: 'all' });
    expect(Object.entries(back).map(plain).sort()).toEqual(
      Object.entries(stored(counters)).map(plain).sort(),
    );
  });

  it('is float32 where it was made so, whatever the file has', () => {
    const linear = fromPyTorch(new nn.Linear(1, 1), {
      weight: { value: Float64Array.of(0.1), shape: [1, 1] },
      bias: { value: Float32Array.of(2), shape: [1] },
    });
    expect(linear.weight.value).toEqual(Float32Array.of(0.1));
  });

  it('refuses what does not fit, naming all of it, and stays as it was', () => {
    const model = new nn.Sequential(new nn.Conv1d(2, 3, 4), new nn.BatchNorm1d(3));
    const before = model.stateDict();
    const state = toPyTorch(model);
    const { '0.bias': _, ...rest } = state;
    const wrong = { ...rest, '0.weight': { ...state['0.weight'], shape: [3, 4, 2] }, more: state['0.bias'] };
    expect(() => fromPyTorch(model, wrong)).toThrow(
      new RangeError(
        'tensors do not fit the model: 0.bias is missing; more is not in the model; ' +
          '0.weight must have shape [3, 2, 4], got [3, 4, 2]',
      ),
    );
    expect(() =>
      fromPyTorch(model, { ...state, '0.bias': { value: Int32Array.of(1, 2, 3), shape: [3] } }),
    ).toThrow('tensors["0.bias"].value must be a Float32Array or a Float64Array, got Int32Array(3)');
    expect(() =>
      fromPyTorch(model, { ...state, '0.bias': { value: new Float32Array(2), shape: [3] } }),
    ).toThrow('0.bias must have 3 elements, got 2');
    expect(model.stateDict()).toEqual(before);
  });

  it('may call its layers otherwise, and share their weights', () => {
    class Tied extends nn.Module {
      readonly inWords = new nn.Embedding(3, 2);
      readonly outWords = new nn.Linear(2, 3, { bias: false });

      constructor() {
        super();
        this.outWords.weight = this.inWords.weight;
      }

      override forward(x: nn.Tensor): nn.Tensor {
        return this.outWords.forward(this.inWords.forward(x));
      }
    }
    const rename = (name: string) => name.replace(/[A-Z]/, (letter) => `_${letter.toLowerCase()}`);
    const value = Float32Array.of(1, 2, 3, 4, 5, 6);
    const model = fromPyTorch(new Tied(), { 'out_words.weight': { value, shape: [3, 2] } }, { rename });
    expect(model.inWords.weight.value).toEqual(value);
    expect(Object.keys(toPyTorch(model, { rename }))).toEqual(['in_words.weight', 'out_words.weight']);
    expect(() => toPyTorch(model, { rename: () => 'x' })).toThrow(
      'rename must give different names, got "x" twice',
    );
  });

  it('that flattens images in a forward of its own must say which layer takes them', () => {
    class Own extends nn.Module {
      readonly conv = new nn.Conv2d(1, 2, 1);
      readonly flatten = new nn.Flatten();
      readonly fc = new nn.Linear(4, 1, { bias: false });

      override forward(x: nn.Tensor): nn.Tensor {
        return this.fc.forward(this.flatten.forward(this.conv.forward(x)));
      }
    }
    const model = new Own();
    model.fc.weight.value.set([1, 2, 3, 4]);
    expect(() => toPyTorch(model)).toThrow('what "flatten" flattens has its channels last');
    expect(toPyTorch(model, { flattened: { fc: 2 } })['fc.weight'].value).toEqual(
      Float32Array.of(1, 3, 2, 4),
    );
    expect(toPyTorch(model, { flattened: {} })['fc.weight'].value).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(() => toPyTorch(model, { flattened: { fc: 3 } })).toThrow('must divide 4 columns, got 3');
    expect(() => toPyTorch(model, { flattened: { conv: 3 } })).toThrow('must name a Linear, got Conv2d');
  });
});

describe('an optimizer', () => {
  it.each(['NAdam', 'SparseAdam'] as const)(
    '%s has what PyTorch keeps, and takes whole numbers of steps',
    (name) => {
      const model = new nn.Linear(2, 1, { bias: false });
      const made = new lockstep[name](model.parameters());
      for (let step = 0; step < 2; step++) {
        nn.sum(model.weight).backward();
        made.step();
      }
      const { 'weight.mu_product': product, ...tensors } = optimizerToPyTorch(made, model);
      expect(Object.keys(tensors).sort()).toEqual(['weight.exp_avg', 'weight.exp_avg_sq', 'weight.step']);
      // As PyTorch has it after two steps.
      if (name === 'NAdam') expect(product.value[0]).toBeCloseTo(0.2025991976261139, 7);
      const again = new lockstep[name](model.parameters());
      optimizerFromPyTorch(again, model, {
        ...tensors,
        'weight.step': { value: BigInt64Array.of(2n), shape: [] },
      });
      expect(again.stateDict()).toEqual(made.stateDict());
    },
  );

  const model = new nn.Linear(1, 2);
  const [weight, bias] = [
    { value: new Float32Array(2), shape: [2, 1] },
    { value: new Float32Array(2), shape: [2] },
  ];
  const step = { value: Float32Array.of(5), shape: [] };

  it('refuses what does not fit, naming all of it', () => {
    const adam = new lockstep.Adam(model.parameters());
    const states = { 'weight.exp_avg': weight, 'weight.exp_avg_sq': weight, 'weight.step': step };
    expect(() =>
      optimizerFromPyTorch(adam, model, {
        ...states,
        '7.step': step,
        'bias.exp_avg': weight,
        'bias.sum': bias,
      }),
    ).toThrow(
      'tensors do not fit the optimizer: bias.exp_avg must have shape [2], got [2, 1]; bias.sum is not in the optimizer; ' +
        '7.step is not in the optimizer',
    );
    expect(() => optimizerFromPyTorch(adam, model, { 'weight.exp_avg': weight })).toThrow(
      'arrays must be ["m", "v"]',
    );
    expect(() => optimizerToPyTorch(new lockstep.SWATS(model.parameters()), model)).toThrow(
      'must be one of SGD,',
    );
    expect(adam.steps).toBe(0);
    optimizerFromPyTorch(adam, model, states);
    expect(adam.steps).toBe(5);
    optimizerFromPyTorch(adam, model, states, { steps: 9 });
    expect(adam.steps).toBe(9);
  });

  it('has parameters of the model alone', () => {
    const other = new lockstep.SGD(new nn.Linear(1, 1).parameters());
    expect(() => optimizerToPyTorch(other, model)).toThrow('must have parameters of the model alone');
  });
});
