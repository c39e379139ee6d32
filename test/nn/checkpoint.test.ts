import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Adam } from '../../src/index.js';
import * as nn from '../../src/nn/index.js';
import { expectGradients, poisonPool, randomTensor } from './helpers.js';

const seeded = (seed: number) => ({ generator: new nn.Generator(seed) });

/** A block with all that could differ when it runs again: dropout of two generators, running statistics, a shared input. */
class Block extends nn.Module {
  readonly linear1: nn.Linear;
  readonly norm: nn.BatchNorm1d;
  readonly drop: nn.Dropout;
  readonly linear2: nn.Linear;

  constructor(seed: number, width = 8) {
    super();
    this.linear1 = new nn.Linear(width, width, seeded(seed));
    this.norm = new nn.BatchNorm1d(width);
    this.drop = new nn.Dropout({ probability: 0.3, generator: new nn.Generator(seed) });
    this.linear2 = new nn.Linear(width, width, seeded(seed + 1));
  }

  override forward(x: nn.Tensor): nn.Tensor {
    const y = this.drop.forward(nn.mish(this.norm.forward(this.linear1.forward(x))));
    return x.mul(nn.dropout(this.linear2.forward(y), 0.2)).add(x);
  }
}

const data = (rows = 16, width = 8) =>
  nn.tensor(new nn.Generator(5).fillNormal(new Float32Array(rows * width)), [rows, width]);

/** Losses, gradients and statistics of some steps. */
function train(run: (block: Block, x: nn.Tensor) => nn.Tensor) {
  nn.manualSeed(7);
  const model = new nn.Sequential(new Block(1), new Block(3), new Block(5));
  const optimizer = new Adam(model.parameters(), { lr: 1e-2 });
  const seen: unknown[] = [];
  for (let step = 0; step < 3; step++) {
    let y = data();
    for (const block of model) if (block instanceof Block) y = run(block, y);
    const loss = nn.mean(nn.square(y));
    optimizer.zeroGrad();
    loss.backward();
    seen.push(loss.item(), ...model.parameters().map(({ grad }) => grad?.slice()));
    optimizer.step();
    seen.push(nn.rand([1]).item());
  }
  return { seen, state: model.stateDict() };
}

describe('checkpoint', () => {
  beforeEach(poisonPool);
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('changes no bit of a training with dropout and batch normalisation', () => {
    const plain = train((block, x) => block.forward(x));
    expect(train((block, x) => nn.checkpoint((y) => block.forward(y), x))).toEqual(plain);
    // One inside of another.
    const nested = (block: Block, x: nn.Tensor) =>
      nn.checkpoint((y) => nn.checkpoint((z) => block.forward(z), y).mul(1), x);
    expect(train(nested)).toEqual(plain);
  });

  it('has the gradients of what it computes, of inputs and of what fn reaches by itself', () => {
    const [x, w] = [randomTensor([3, 4], 1), randomTensor([4, 4], 2)];
    expectGradients(
      () => nn.sum(nn.square(nn.checkpoint((y, k) => y.matmul(w).tanh().mul(k).add(y), x, 3))).add(nn.sum(x)),
      [x, w],
    );
    // The loss itself, and views.
    expectGradients(() => nn.checkpoint((y) => nn.sum(nn.square(y.matmul(w))), x), [x, w]);
    expectGradients(() => nn.sum(nn.square(nn.checkpoint((y) => y.tanh().reshape([2, 6]), x))), [x]);
    expect(nn.checkpoint((y) => y, x)).toBe(x);
  });

  it('records nothing without recording, or where nothing asks for a gradient', () => {
    const x = randomTensor([3], 1);
    expect(nn.noGrad(() => nn.checkpoint((y) => y.tanh(), x)).requiresGrad).toBe(false);
    expect(nn.checkpoint((y) => y.detach().tanh(), x).requiresGrad).toBe(false);
  });

  it('notices what has changed in between', () => {
    const x = randomTensor([3], 1);
    const w = randomTensor([3], 2);
    const loss = nn.sum(nn.checkpoint((y) => y.mul(w), x));
    const optimizer = new Adam([w]);
    w.grad = new Float64Array(3).fill(1);
    optimizer.step();
    expect(() => loss.backward()).toThrow(
      /backward\(\) of checkpoint needs .* as it was, but it was changed since/,
    );
    let calls = 0;
    const other = nn.sum(nn.checkpoint((y) => (calls++ === 0 ? y.tanh() : y.tanh().reshape([3, 1])), x));
    expect(() => other.backward()).toThrow(/must do the same again, got shape \[3, 1\] after \[3\]/);
    expect(() => Reflect.apply(nn.checkpoint, null, [x])).toThrow(/fn must be a function/);
    expect(() => Reflect.apply(nn.checkpoint, null, [() => 1])).toThrow(
      /what fn gives must be a Tensor, got 1/,
    );
  });
});

describe('memory', () => {
  const [rows, width, layers] = [256, 64, 8];
  const bytes = 4 * rows * width;

  const model = new nn.Sequential(
    ...Array.from({ length: layers }, (_, i) => new nn.Linear(width, width, seeded(i))).flatMap((layer) => [
      layer,
      new nn.Tanh(),
      new nn.Mish(),
    ]),
  );

  /** The peak of what `run` uses beyond what was there. */
  function peakOf(run: () => void): number {
    run();
    const { inUse } = nn.memory({ reset: true });
    run();
    return nn.memory().peak - inUse;
  }

  it('says what is in use, and what was', () => {
    const before = nn.memory({ reset: true });
    const x = nn.zeros([rows, width]);
    const loss = nn.sum(nn.mish(x.add(nn.tensor([1], { requiresGrad: true }))));
    const during = nn.memory();
    expect(during.inUse - before.inUse).toBeGreaterThanOrEqual(2 * bytes);
    expect(during.peak).toBeGreaterThanOrEqual(during.inUse);
    const size = during.sizes.find(({ length }) => length === rows * width);
    expect(size?.inUse).toBeGreaterThanOrEqual(2);
    expect(size?.bytes).toBe(((size?.inUse ?? 0) + (size?.idle ?? 0)) * bytes);
    loss.backward();
    const after = nn.memory({ reset: true });
    // The loss, and the gradient of one number.
    expect(after.inUse - before.inUse).toBeLessThanOrEqual(16);
    expect(after.idle).toBeGreaterThanOrEqual(2 * bytes);
    expect(nn.memory().peak).toBe(nn.memory().inUse);
    expect(() => Reflect.apply(nn.memory, null, [{ reset: 1 }])).toThrow(/reset must be a boolean/);
  });

  it('counts no array that a user was handed', () => {
    const before = nn.memory().inUse;
    const y = nn.mish(data(rows, width));
    expect(nn.memory().inUse - before).toBe(bytes);
    expect(y.value.length).toBe(rows * width);
    expect(nn.memory().inUse).toBe(before);
  });

  it('is less with checkpoints', () => {
    const x = data(rows, width);
    const plain = peakOf(() => nn.sum(model.forward(x)).backward());
    const pairs = Array.from(
      { length: 4 },
      (_, i) => new nn.Sequential(...[...model].slice(6 * i, 6 * i + 6)),
    );
    const less = peakOf(() => {
      let y = x;
      for (const pair of pairs) y = nn.checkpoint((z) => pair.forward(z), y);
      nn.sum(y).backward();
    });
    // Two layers have four values, and there are four checkpoints; without, there are 16, and gradients.
    expect(plain).toBeGreaterThanOrEqual(16 * bytes);
    expect(less).toBeLessThanOrEqual(11 * bytes);
  });

  it('of gradients that are accumulated over batches is that of one batch', () => {
    const x = data(rows, width);
    const accumulate = (batches: number) => () => {
      model.zeroGrad();
      for (let k = 0; k < batches; k++)
        nn.sum(model.forward(x))
          .mul(1 / batches)
          .backward();
    };
    const one = peakOf(accumulate(1));
    expect(peakOf(accumulate(8))).toBeLessThanOrEqual(one + 64);
  });
});
