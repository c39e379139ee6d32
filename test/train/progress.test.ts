import { afterEach, describe, expect, it, vi } from 'vitest';
import { Adam } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import { type EpochReport, fit, type StepReport } from '../../src/train/index.js';
import { createProgress } from '../../src/train/progress.js';
import { examples, network } from './helpers.js';

const validation = examples();
const metrics = { accuracy: nn.accuracy };

afterEach(() => {
  vi.restoreAllMocks();
});

describe('fit', () => {
  it.each([
    ['a terminal', true],
    ['a file', false],
  ])('shows its progress on %s', async (_, isTTY) => {
    let text = '';
    const progress = { isTTY, columns: 100, write: (part: string) => (text += part) };
    const model = network();
    const optimizer = new Adam(model.parameters());
    await fit(model, examples(), {
      loss: nn.crossEntropy,
      optimizer,
      epochs: 2,
      validation,
      metrics,
      progress,
    });
    const lines = text.split('\n').filter((line) => line !== '');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(
      /epoch 2\/2 {2}loss [\d.]+ {2}accuracy [\d.]+ {2}validation loss [\d.]+ {2}validation accuracy [\d.]+ {2}lr 0.001 {2}[\d,]+ rows\/s/,
    );
    expect(text.includes('━')).toBe(isTTY);
    expect(text.includes('\x1b')).toBe(isTTY);
  });
});

/** What is written to a terminal, part by part, and a clock that stands still. */
function terminal(isTTY = true) {
  const parts: string[] = [];
  const clock = { now: 5000 };
  vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
  return { parts, clock, output: { isTTY, columns: 200, write: (part: string) => parts.push(part) } };
}

const step = (epoch: number, step: number): StepReport => ({
  epoch,
  step,
  loss: 0.5,
  metrics: { accuracy: 0.123456 },
  lr: 0.1,
  gradNorm: null,
  samples: 32 * step,
  seconds: step / 10,
});

const epoch = (epoch: number, validation: EpochReport['validation'] = null): EpochReport => ({
  ...step(epoch, 10),
  validation,
  samplesPerSecond: 1234.4,
});

const CLEAR = '\r\x1b[2K';
const barOf = (full: number) => '━'.repeat(full) + '─'.repeat(24 - full);

describe('the progress of a training', () => {
  it('says on a terminal where it is, how fast, and what time is left', () => {
    const { parts, clock, output } = terminal();
    // The third and the fourth epoch, of 10 steps each.
    const progress = createProgress(output, { first: 2, count: 2, steps: 10 });
    clock.now += 2000;
    progress.step(step(2, 5));
    // A quarter of the steps took 2 s, so that the others take 6.
    const figures = 'loss 0.5000  accuracy 0.1235  lr 0.1  320 rows/s';
    expect(parts.splice(0)).toEqual([`${CLEAR}epoch 3/4  ${barOf(12)}  ${figures}  6.0 s left`]);
    clock.now += 6000;
    progress.step(step(3, 15));
    expect(parts.splice(0)).toEqual([`${CLEAR}epoch 4/4  ${barOf(12)}  ${figures}  2.7 s left`]);
    clock.now += 1000;
    progress.step(step(3, 20));
    expect(parts.splice(0)).toEqual([`${CLEAR}epoch 4/4  ${barOf(24)}  ${figures}  0.0 s left`]);
    progress.close();
    expect(parts).toEqual([CLEAR]);
  });

  it('moves the bar every 100 ms, and at once after the line of an epoch', () => {
    const { parts, clock, output } = terminal();
    const progress = createProgress(output, { first: 0, count: 2, steps: 10 });
    const drawn = () => parts.splice(0).filter((part) => part.includes('━')).length;
    progress.step(step(0, 1));
    clock.now += 99;
    progress.step(step(0, 2));
    expect(drawn()).toBe(1);
    clock.now += 1;
    progress.step(step(0, 3));
    expect(drawn()).toBe(1);
    progress.epoch(epoch(0));
    progress.step(step(1, 11));
    expect(drawn()).toBe(1);
  });

  it('has a line for each epoch, with the validation where there is one', () => {
    const { parts, output } = terminal(false);
    const progress = createProgress(output, { first: 2, count: 2, steps: 10 });
    progress.step(step(2, 1));
    progress.epoch(epoch(2));
    progress.epoch(epoch(3, { loss: 0.25, metrics: { accuracy: 0.75 } }));
    progress.close();
    expect(parts).toEqual([
      'epoch 3/4  loss 0.5000  accuracy 0.1235  lr 0.1  1,234 rows/s\n',
      'epoch 4/4  loss 0.5000  accuracy 0.1235  validation loss 0.2500  validation accuracy 0.75  lr 0.1  1,234 rows/s\n',
    ]);
  });

  it('counts steps until it knows how many an epoch has', () => {
    const { parts, clock, output } = terminal();
    const progress = createProgress(output, { first: 0, count: 2, steps: null });
    progress.step(step(0, 5));
    progress.epoch(epoch(0));
    clock.now += 1000;
    progress.step(step(1, 15));
    const shown = parts.filter((part) => part.startsWith(CLEAR) && part !== CLEAR);
    const figures = 'loss 0.5000  accuracy 0.1235  lr 0.1  320 rows/s';
    expect(shown).toEqual([
      `${CLEAR}epoch 1/2  5 steps  ${figures}`,
      `${CLEAR}epoch 2/2  ${barOf(12)}  ${figures}  0.3 s left`,
    ]);
  });
});
