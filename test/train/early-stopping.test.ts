import { describe, expect, it } from 'vitest';
import { Adam } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import { EarlyStopping } from '../../src/train/early-stopping.js';
import { type EarlyStoppingOptions, fit } from '../../src/train/index.js';
import { examples, network, weightsOf } from './helpers.js';

describe('early stopping', () => {
  it('ends after `patience` epochs without improvement, with the best weights', async () => {
    const seen: number[][] = [];
    const model = network();
    // Gets better, then worse: the loss of what it is told to judge.
    const values = [5, 3, 2, 4, 3, 2.5, 1];
    let epoch = -1;
    const history = await fit(model, examples(), {
      loss: nn.crossEntropy,
      optimizer: new Adam(model.parameters()),
      epochs: 7,
      metrics: { value: () => values[epoch + 1] ?? 0 },
      monitor: 'value',
      afterEpoch: () => {
        epoch++;
        seen.push(weightsOf(model));
      },
      earlyStopping: { patience: 3, mode: 'min' },
    });
    expect(history).toMatchObject({ endedBy: 'earlyStopping', bestEpoch: 2 });
    expect(history.epochs).toHaveLength(6);
    expect(weightsOf(model)).toEqual(seen[2]);
    expect(weightsOf(model)).not.toEqual(seen[5]);
  });

  it('counts an improvement from minDelta on, and can leave the last weights', async () => {
    const seen: number[][] = [];
    const values = [1, 0.95, 0.9, 0.5, 0.45];
    let epoch = -1;
    const model = network();
    const history = await fit(model, examples(), {
      loss: nn.crossEntropy,
      optimizer: new Adam(model.parameters()),
      epochs: 5,
      metrics: { value: () => -(values[epoch + 1] ?? 0) },
      monitor: 'value',
      afterEpoch: () => {
        epoch++;
        seen.push(weightsOf(model));
      },
      earlyStopping: { patience: 3, minDelta: 0.2, mode: 'max', restoreBest: false },
    });
    expect(history).toMatchObject({ endedBy: 'epochs', bestEpoch: 3 });
    expect(weightsOf(model)).toEqual(seen[4]);
  });

  const observeAll = (options: EarlyStoppingOptions, values: readonly number[], model = network()) => {
    const stopping = new EarlyStopping(model, options, 'loss');
    return { stopping, answers: values.map((value, epoch) => stopping.observe(epoch, value)) };
  };

  it('takes a value that is as good as the best for no improvement', () => {
    const { stopping, answers } = observeAll({ patience: 2 }, [1, 1, 1]);
    expect([answers, stopping.bestEpoch]).toEqual([[false, false, true], 0]);
    // By exactly minDelta is not by more than it.
    const { stopping: other, answers: others } = observeAll({ patience: 1, minDelta: 0.5 }, [2, 1.5]);
    expect([others, other.bestEpoch]).toEqual([[false, true], 0]);
    expect(observeAll({ patience: 1, mode: 'max' }, [1, 1.5, 1.5]).answers).toEqual([false, false, true]);
  });

  it('counts epochs in a row, five by default', () => {
    expect(observeAll({}, [2, 3, 3, 3, 3, 1, 1, 1, 1, 1, 1]).answers.indexOf(true)).toBe(10);
    expect(observeAll({}, [1, 1, 1, 1, 1, 1]).answers.indexOf(true)).toBe(5);
  });

  it('takes a value that is no number for no improvement', () => {
    const { stopping, answers } = observeAll({ patience: 2 }, [Number.NaN, 1, Number.NaN, Number.NaN]);
    expect([answers, stopping.bestEpoch]).toEqual([[false, false, false, true], 1]);
  });

  it('restores the buffers of the best epoch too', () => {
    const norm = new nn.BatchNorm1d(2);
    const fill = (number: number) => {
      for (const { value } of [...norm.parameters(), ...norm.buffers()]) value.fill(number);
    };
    const held = () => Object.values(norm.stateDict()).flatMap(({ value }) => Array.from(value));
    const stopping = new EarlyStopping(norm, {}, 'loss');
    for (const [epoch, value] of [3, 1, 2].entries()) {
      fill(10 + epoch);
      stopping.observe(epoch, value);
    }
    expect(held()).toEqual(Array(8).fill(12));
    stopping.finish();
    expect(held()).toEqual(Array(8).fill(11));
  });

  it('leaves the weights where no epoch was best', () => {
    const model = network();
    const before = weightsOf(model);
    observeAll({}, [Number.NaN], model).stopping.finish();
    expect(weightsOf(model)).toEqual(before);
  });

  it.each([
    [{ patience: 0 }, /patience must be an integer of at least 1, got 0/],
    [{ minDelta: -1 }, /minDelta must be a finite number of at least 0, got -1/],
    [{ restoreBest: 1 }, /restoreBest must be a boolean, got 1/],
    [{ mode: 'up' }, /mode must be one of "min", "max", got "up"/],
    [{ patients: 1 }, /"patients"/],
    [null, /must be an object, got null/],
  ])('refuses %o', (options, message) => {
    expect(() => Reflect.construct(EarlyStopping, [network(), options, 'loss'])).toThrow(message);
  });
});
