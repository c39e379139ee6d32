import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { currentTarget, useTarget } from '../../src/backend/select.js';
import * as nn from '../../src/nn/index.js';
import { expectClose, expectGradients, poisonPool, randomTensor, weigh } from './helpers.js';

// Functions of tensors against plain loops in float64, and their gradients against differences.

beforeEach(poisonPool);
afterEach(() => {
  vi.restoreAllMocks();
});

const fastest = currentTarget();

/** The sum over all labels of 'ab,bc->ac' of the products of the elements, one by one. */
function einsumBySums(equation: string, operands: readonly nn.Tensor[]): number[] {
  const [left, result] = equation.split('->');
  const terms = left.split(',');
  const labels = [...new Set(terms.join(''))];
  const lengths = labels.map((label) => {
    const i = terms.findIndex((term) => term.includes(label));
    return operands[i].shape[terms[i].indexOf(label)];
  });
  const lengthOf = (label: string) => lengths[labels.indexOf(label)];
  const out = new Array<number>([...result].reduce((size, label) => size * lengthOf(label), 1)).fill(0);
  const count = lengths.reduce((product, length) => product * length, 1);
  for (let i = 0; i < count; i++) {
    let left = i;
    const at = new Map<string, number>();
    labels.forEach((label, d) => {
      at.set(label, left % lengths[d]);
      left = Math.floor(left / lengths[d]);
    });
    const placeIn = (term: string) =>
      [...term].reduce((p, label) => p * lengthOf(label) + (at.get(label) ?? 0), 0);
    out[placeIn(result)] += terms.reduce((product, term, t) => product * operands[t].value[placeIn(term)], 1);
  }
  return out;
}

describe.each([...new Set([fastest, 'typescript'])])('on %s', (target) => {
  beforeAll(() => useTarget(target));

  describe('einsum', () => {
    const sizes: Record<string, number> = { i: 2, j: 3, k: 4, l: 5, b: 2, m: 3 };
    it.each([
      ...['ij,jk->ik', 'ij,jk->ki', 'ki,kj->ij', 'bij,bkj->bik', 'bij,bjk->kbi', 'ij,kj->ik', 'i,j->ij'],
      ...[
        'ij->ji',
        'ij->',
        'ijk->j',
        'ij,ij->ij',
        'i,i->',
        'ij,ij->i',
        'ij,j->i',
        'i,ij->j',
        'ijk,jk->',
        'ij,kl->ijkl',
      ],
      ...['ij,jk,kl->il', 'ij,jk,kl->', 'i,ij,j->', 'ii->i', 'ii->', 'iij->ji', 'ijij->ij', 'ij,ijk,kb->bi'],
    ])('%s', (equation) => {
      const terms = equation.split('->')[0].split(',');
      const operands = terms.map((term, seed) =>
        randomTensor(
          [...term].map((label) => sizes[label]),
          seed,
        ),
      );
      const y = nn.einsum(equation, ...operands);
      expect(y.shape).toEqual([...equation.split('->')[1]].map((label) => sizes[label]));
      expectClose(y.value, einsumBySums(equation, operands), equation);
      if (y.requiresGrad) expectGradients(() => weigh(nn.einsum(equation, ...operands)), operands);
    });

    it('knows ellipses, lengths of 1 and equations without a result', () => {
      const [a, b] = [randomTensor([2, 1, 3, 4], 1), randomTensor([5, 4, 2], 2)];
      const product = nn.einsum('...ij,...jk->...ik', a, b);
      expect(product.shape).toEqual([2, 5, 3, 2]);
      expectClose(product.value, [...nn.matmul(a, b).value], 'batches');
      expectClose(nn.einsum('...ij,...jk', a, b).value, [...product.value], 'no result');
      expectGradients(() => weigh(nn.einsum('...ij,...jk->...ik', a, b)), [a, b]);
      expect(nn.einsum('ba', randomTensor([2, 3], 1)).shape).toEqual([3, 2]);
      const [row, x] = [randomTensor([1, 3], 1), randomTensor([4, 3], 2)];
      expectClose(
        nn.einsum('ij,ij->j', row, x).value,
        [...nn.sum(row.mul(x), { axes: 0 }).value],
        'repeated',
      );
    });

    it.each([
      ['ij,jk->ik', [[2, 3]], /is of 2 operands, got 1$/],
      ['ij->ik', [[2, 3]], /has 'k' in its result alone$/],
      ['ij->ii', [[2, 3]], /has 'i' twice in its result$/],
      ['ijk->i', [[2, 3]], /names 3 dimensions of operand 0, which has shape \[2, 3\]$/],
      ['i->i', [[2, 3]], /names 1 dimensions of operand 0/],
      [
        'ij,jk->ik',
        [
          [2, 3],
          [4, 2],
        ],
        /^'j' must have one length, got 3 and 4$/,
      ],
      ['ii->i', [[2, 3]], /^'i' must have one length, got 2 and 3$/],
      ['i-j', [[2]], /must be of letters and '...', got "i-j"$/],
      ['i->j->k', [[2]], /has more than one '->'$/],
    ])('refuses %s of %j', (equation, shapes, message) => {
      expect(() => nn.einsum(equation, ...shapes.map((shape) => randomTensor(shape, 1)))).toThrow(message);
    });
  });

  it.each([
    [[4], [4], []],
    [[4], [4, 3], [3]],
    [[2, 4], [4], [2]],
    [[5, 2, 4], [4], [5, 2]],
    [[4], [5, 4, 3], [5, 3]],
    [
      [5, 2, 4],
      [4, 3],
      [5, 2, 3],
    ],
    [
      [5, 2, 4],
      [5, 4, 3],
      [5, 2, 3],
    ],
    [
      [2, 4],
      [5, 4, 3],
      [5, 2, 3],
    ],
    [
      [5, 1, 2, 4],
      [3, 4, 2],
      [5, 3, 2, 2],
    ],
  ])('matmul of %j and %j', (shapeA, shapeB, shape) => {
    const [a, b] = [randomTensor(shapeA, 1), randomTensor(shapeB, 2)];
    const y = a.matmul(b);
    expect(y.shape).toEqual(shape);
    const [left, right] = [shapeA.length === 1 ? 'j' : 'ij', shapeB.length === 1 ? 'j' : 'jk'];
    const result = `${shapeA.length === 1 ? '' : 'i'}${shapeB.length === 1 ? '' : 'k'}`;
    expectClose(y.value, [...nn.einsum(`...${left},...${right}->...${result}`, a, b).value], 'matmul');
    expectGradients(() => weigh(a.matmul(b)), [a, b]);
  });

  it('outer, dot and mv', () => {
    const [a, b, m] = [randomTensor([3], 1), randomTensor([3], 2), randomTensor([2, 3], 3)];
    expectClose(nn.outer(a, b).value, einsumBySums('i,j->ij', [a, b]), 'outer');
    expectClose(nn.dot(a, b).value, einsumBySums('i,i->', [a, b]), 'dot');
    expectClose(nn.mv(m, b).value, einsumBySums('ij,j->i', [m, b]), 'mv');
    expectGradients(
      () =>
        weigh(nn.outer(a, b))
          .add(nn.dot(a, b))
          .add(weigh(nn.mv(m, b))),
      [a, b, m],
    );
    expect(() => nn.dot(a, m)).toThrow('b must have one dimension, got shape [2, 3]');
    expect(() => a.matmul(nn.tensor(Float64Array.of(1, 2)))).toThrow('b must have 3 elements as a, got 2');
    expect(() => m.matmul(m)).toThrow(/must have shape \[3, columns\]/);
    expect(() => m.matmul(randomTensor([5, 4, 2], 1))).toThrow(/as many columns of a as rows of b/);
  });

  it.each([
    [[7], [0]],
    [[2, 3, 4], [1]],
    [
      [2, 3, 4],
      [0, -1],
    ],
    [[3, 65], [1]],
  ])('var, std and logSumExp of %j over %j', (shape, axes) => {
    const x = randomTensor(shape, 1);
    const mean = nn.mean(x, { axes, keepDim: true });
    const terms = axes.reduce((product, axis) => product * (shape.at(axis) ?? 1), 1);
    for (const correction of [0, 1]) {
      const squares = nn.sum(nn.square(x.sub(mean)), { axes }).mul(1 / (terms - correction));
      expectClose(nn.var(x, { axes, correction }).value, [...squares.value], 'var');
      expectClose(x.std({ axes, correction }).value, [...nn.sqrt(squares).value], 'std');
      expectGradients(() => weigh(nn.var(x, { axes, correction, keepDim: true })), [x]);
      expectGradients(() => weigh(nn.std(x, { axes, correction })), [x]);
    }
    const expected = nn.log(nn.sum(nn.exp(x), { axes }));
    expectClose(nn.logSumExp(x, { axes }).value, [...expected.value], 'logSumExp');
    expect(nn.logSumExp(x, { axes, keepDim: true }).shape).toEqual(mean.shape);
    expectGradients(() => weigh(nn.logSumExp(x.mul(3), { axes })).add(x.sum()), [x]);
  });

  it('var, std and logSumExp of what is equal, infinite or one number', () => {
    const x = nn.tensor([3, 3, 3], { requiresGrad: true });
    x.std().backward();
    expect([...(x.grad ?? [])]).toEqual([0, 0, 0]);
    expect(nn.var(nn.tensor([3])).item()).toBeNaN();
    expect(nn.logSumExp(nn.tensor([1000, 1000])).item()).toBeCloseTo(1000 + Math.LN2, 3);
    expect(nn.logSumExp(nn.tensor([-Infinity, -Infinity])).item()).toBe(-Infinity);
    expect(nn.logSumExp(nn.tensor([1, Infinity])).item()).toBe(Infinity);
    expect(nn.logSumExp(nn.tensor([1, Number.NaN])).item()).toBeNaN();
  });

  const unary: Record<string, (x: nn.Tensor) => nn.Tensor> = {
    asin: (x) => x.mul(0.9).asin(),
    acos: (x) => x.mul(0.9).acos(),
    atan: (x) => nn.atan(x.mul(3)),
    tan: (x) => nn.tan(x),
    sinh: (x) => nn.sinh(x.mul(3)),
    cosh: (x) => nn.cosh(x.mul(3)),
    asinh: (x) => nn.asinh(x.mul(3)),
    acosh: (x) => nn.acosh(nn.abs(x).add(1.1)),
    atanh: (x) => nn.atanh(x.mul(0.9)),
    log2: (x) => nn.log2(nn.square(x)),
    log10: (x) => nn.log10(nn.square(x)),
    exp2: nn.exp2,
    frac: (x) => nn.frac(x.mul(0.9)),
    'floor, ceil, round, trunc, sign': (x) =>
      x.floor().add(x.ceil()).add(x.round()).add(x.trunc()).add(x.sign()).add(x),
  };
  it.each(Object.entries(unary))('the gradient of %s', (_, f) => {
    const x = randomTensor([3, 5], 1);
    expectGradients(() => weigh(f(x)), [x]);
  });

  it('the gradients of atan2, remainder and fmod, with lengths of 1', () => {
    const [a, b] = [
      randomTensor([3, 5], 1),
      nn.tensor(Float64Array.of(0.3, -0.7, 1.3), [3, 1], { requiresGrad: true }),
    ];
    for (const f of [nn.atan2, nn.remainder, nn.fmod]) expectGradients(() => weigh(f(a, b)), [a, b]);
    expectGradients(() => weigh(nn.atan2(b, a)), [a, b]);
  });
});
