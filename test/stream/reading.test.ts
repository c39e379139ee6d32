import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queue } from '../../src/backend/select.js';
import { inStream } from '../../src/backend/stream.js';
import * as lockstep from '../../src/index.js';
import * as nn from '../../src/nn/index.js';

// Whatever reads elements inside of a stream, where kernels are late, finds what it finds outside of one.

beforeAll(() => queue?.delay(2000));
afterAll(() => queue?.delay(0));

const numbers = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i + 1));

function leaf(): nn.Tensor {
  return nn.tensor(numbers(12), [4, 3], { requiresGrad: true });
}

const readers: Record<string, () => unknown> = {
  value: () => [...leaf().mul(2).value],
  'item()': () => leaf().mul(2).sum().item(),
  grad: () => {
    const x = leaf();
    x.mul(x).sum().backward();
    return [...(x.grad ?? [])];
  },
  rowGrad: () => {
    const table = new nn.Embedding(5, 3, { sparse: true, generator: new nn.Generator(1) });
    table
      .forward(nn.tensor([1, 2, 1], [3]))
      .sum()
      .backward();
    return [...(table.weight.rowGrad?.values ?? [])];
  },
  'a loss whose gradient is computed': () => {
    const x = leaf();
    nn.crossEntropy(x.mul(2), [0, 1, 2, 0]).mul(3).mul(2).backward();
    return [...(x.grad ?? [])];
  },
  'indices that are computed': () => {
    const table = new nn.Embedding(9, 2, { generator: new nn.Generator(1) });
    return [...table.forward(nn.tensor([1, 2], [2]).mul(4)).value];
  },
  'clipGradNorm()': () => {
    const x = leaf();
    x.mul(x).sum().backward();
    return [lockstep.clipGradNorm([x], 0.5), ...(x.grad ?? [])];
  },
  'accuracy()': () => nn.accuracy(leaf().mul(-1), [0, 1, 2, 0]),
  'the products of SWATS': () => {
    const x = leaf();
    const optimizer = new lockstep.SWATS([x]);
    for (let step = 0; step < 3; step++) {
      optimizer.zeroGrad();
      x.mul(x).sum().backward();
      optimizer.step();
    }
    return [optimizer.stateDict(), ...x.value];
  },
  'state dictionaries': () => {
    const x = leaf();
    x.mul(x).sum().backward();
    const optimizer = new lockstep.Adam([x]);
    optimizer.step();
    return optimizer.stateDict();
  },
  'functions of arrays': () => [...lockstep.permute(leaf().mul(2).value, { shape: [4, 3], axes: [1, 0] })],
  detach: () => [...leaf().mul(2).detach().value],
};

describe('inside of a stream', () => {
  it.each(Object.entries(readers))('%s waits', (_, read) => {
    expect(inStream(read)).toEqual(read());
  });
});
