import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { currentTarget, useTarget } from '../../src/backend/select.js';
import * as nn from '../../src/nn/index.js';
import { expectGradients, poisonPool, randomTensor, weigh } from './helpers.js';

// Every gradient against central differences in float64. The weights of the final sum are random, so that no gradient
// is the same for all elements; arrays are poisoned as they go back to the pool, so that none is read too late.

beforeEach(poisonPool);
afterEach(() => {
  vi.restoreAllMocks();
});

const fastest = currentTarget();

const float64 = (seed: number) => ({ dtype: 'float64', generator: new nn.Generator(seed) }) as const;

const unary: Record<string, (x: nn.Tensor) => nn.Tensor> = {
  relu: (x) => x.relu(),
  tanh: (x) => x.tanh(),
  sigmoid: (x) => x.sigmoid(),
  silu: (x) => x.silu(),
  exp: nn.exp,
  log: (x) => nn.log(nn.square(x)),
  log1p: (x) => nn.log1p(nn.abs(x)),
  expm1: nn.expm1,
  softplus: nn.softplus,
  'sin, cos': (x) => nn.sin(x.mul(5)).add(nn.cos(x)),
  erf: nn.erf,
  gelu: nn.gelu,
  'gelu by tanh': (x) => nn.gelu(x, { approximate: 'tanh' }),
  'gelu far out': (x) => nn.gelu(x.mul(4)).add(nn.gelu(x.mul(4), { approximate: 'tanh' })),
  'sqrt, abs': (x) => nn.sqrt(nn.abs(x).add(0.5)),
  'rsqrt, square': (x) => nn.rsqrt(nn.square(x).add(0.5)),
  reciprocal: (x) => nn.reciprocal(x.add(2)),
  neg: nn.neg,
  'relu, tanh, sigmoid and silu as functions': (x) =>
    nn.relu(x).add(nn.tanh(x)).add(nn.sigmoid(x)).add(nn.silu(x)),
  'a layer of GELU and Softplus': (x) => new nn.Softplus().forward(new nn.GELU().forward(x)),
  'add a number': (x) => x.add(2),
  'sub a number': (x) => x.sub(2),
  'mul by a number': (x) => x.mul(-3),
  clone: (x) => x.clone(),
  reshape: (x) => x.reshape([-1]).tanh().reshape([1, -1]),
  sum: (x) => x.sum().mul(x.mean()),
  'x + x': (x) => x.add(x),
  'x - x': (x) => x.sub(x).add(x),
  'x * x': (x) => x.mul(x),
  'a leaf that is read twice': (x) => x.tanh().add(x.mul(x)),
};

describe.each([...new Set([fastest, 'typescript'])])('on %s', (target) => {
  beforeAll(() => useTarget(target));

  describe.each(Object.entries(unary))('%s', (_, operation) => {
    it.each([[[1, 1]], [[2, 3]], [[3, 65]], [[7]]])('shape %j', (shape) => {
      const x = randomTensor(shape, 1);
      expectGradients(() => weigh(operation(x)), [x]);
    });
  });

  describe('two operands', () => {
    it.each([[[1]], [[3, 5]], [[2, 65]]])('add, sub and mul, shape %j', (shape) => {
      const a = randomTensor(shape, 1);
      const b = randomTensor(shape, 2);
      const loss = () => weigh(a.add(b).mul(b).sub(a.sub(b)).sub(b));
      expectGradients(loss, [a, b]);
    });

    it.each([
      [1, 1],
      [3, 65],
      [5, 130],
    ])('add a row, %i x %i', (rows, columns) => {
      const x = randomTensor([rows, columns], 1);
      const row = randomTensor([columns], 2);
      expectGradients(() => weigh(x.add(row).tanh().add(row)), [x, row]);
    });

    it.each([
      [1, 1, 1],
      [3, 5, 2],
      [4, 65, 3],
    ])('matmul, %i x %i x %i', (m, k, n) => {
      const a = randomTensor([m, k], 1);
      const b = randomTensor([k, n], 2);
      expectGradients(() => weigh(a.matmul(b)), [a, b]);
    });

    it('a product of a matrix with itself', () => {
      const a = randomTensor([5, 5], 1);
      expectGradients(() => weigh(a.matmul(a)), [a]);
    });

    it('gives a frozen operand nothing', () => {
      const a = randomTensor([3, 3], 1);
      const b = randomTensor([3, 3], 2, false);
      const operations: ((x: nn.Tensor, y: nn.Tensor) => nn.Tensor)[] = [
        (x, y) => x.add(y),
        (x, y) => x.sub(y),
        (x, y) => x.mul(y),
        (x, y) => x.matmul(y),
        (x, y) => nn.mse(x, y),
      ];
      for (const operation of operations) {
        expectGradients(() => weigh(operation(a, b)), [a]);
        expectGradients(() => weigh(operation(b, a)), [a]);
      }
      expect(b.grad).toBeNull();
    });
  });

  describe('layers', () => {
    it.each([
      [[1, 1], 1],
      [[3, 5], 2],
      [[2, 65], 3],
      [[2, 3, 4], 2],
      [[4], 3],
    ])('Linear, x %j to %i', (shape, outFeatures) => {
      const x = randomTensor(shape, 1);
      for (const bias of [true, false]) {
        const layer = new nn.Linear(shape.at(-1) ?? 0, outFeatures, { ...float64(3), bias });
        expectGradients(() => weigh(layer.forward(x)), [x, ...layer.parameters()]);
      }
    });

    it.each([
      [[1, 2], 2],
      [[3, 3], 3],
      [[2, 65], 65],
      [
        [2, 3, 2],
        [3, 2],
      ],
    ])('LayerNorm, x %j over %j', (shape, normalizedShape) => {
      const x = randomTensor(shape, 1);
      const layer = new nn.LayerNorm(normalizedShape, { dtype: 'float64' });
      nn.init.normal(layer.weight, 1, 0.5);
      nn.init.normal(layer.bias);
      expectGradients(() => weigh(layer.forward(x).add(x)), [x, ...layer.parameters()]);
      const plain = new nn.LayerNorm(normalizedShape, {
        dtype: 'float64',
        elementwiseAffine: false,
        eps: 0.1,
      });
      expect(plain.parameters()).toEqual([]);
      expectGradients(() => weigh(plain.forward(x)), [x]);
    });

    it.each([
      [[1, 2], 2],
      [[40, 3], 3],
      [[2, 65], 65],
      [
        [2, 3, 2],
        [3, 2],
      ],
    ])('RMSNorm, x %j over %j', (shape, normalizedShape) => {
      const x = randomTensor(shape, 1);
      const layer = new nn.RMSNorm(normalizedShape, { dtype: 'float64' });
      nn.init.normal(layer.weight, 1, 0.5);
      expectGradients(() => weigh(layer.forward(x).add(x)), [x, ...layer.parameters()]);
      const plain = new nn.RMSNorm(normalizedShape, { dtype: 'float64', elementwiseAffine: false, eps: 0.1 });
      expect(plain.parameters()).toEqual([]);
      expectGradients(() => weigh(plain.forward(x)), [x]);
    });

    it.each([[[2, 1]], [[5, 3]], [[4, 65]], [[3, 130]]])('BatchNorm1d, x %j', (shape) => {
      const x = randomTensor(shape, 1);
      for (const affine of [true, false]) {
        const layer = new nn.BatchNorm1d(shape[1], { dtype: 'float64', affine });
        nn.init.normal(layer.weight, 1, 0.5);
        nn.init.normal(layer.bias);
        expectGradients(() => weigh(layer.forward(x).add(x)), [x, ...layer.parameters()]);
        layer.eval();
        expectGradients(() => weigh(layer.forward(x)), [x, ...layer.parameters()]);
      }
    });

    it('a residual, normalised network', () => {
      const x = randomTensor([4, 3], 1);
      const body = () =>
        new nn.Sequential(
          new nn.LayerNorm(5, { dtype: 'float64' }),
          new nn.Linear(5, 7, float64(2)),
          new nn.SiLU(),
          new nn.Linear(7, 5, float64(3)),
        );
      const model = new nn.Sequential(
        new nn.Linear(3, 5, float64(4)),
        new nn.Residual(body()),
        new nn.BatchNorm1d(5, { dtype: 'float64' }),
        new nn.Tanh(),
        new nn.Residual(body()),
        new nn.Sigmoid(),
        new nn.Residual(new nn.Linear(5, 3, float64(5)), { shortcut: new nn.Linear(5, 3, float64(6)) }),
      );
      expectGradients(() => nn.crossEntropy(model.forward(x), [0, 2, 1, 1]), [x, ...model.parameters()]);
    });
  });

  describe('along axes', () => {
    const choices: [shape: number[], axes: number[]][] = [
      [[7], [0]],
      [
        [2, 3],
        [0, 1],
      ],
      [[3, 65], [1]],
      [[65, 3], [0]],
      [[2, 3, 4], [1]],
      [
        [2, 3, 4],
        [0, -1],
      ],
      [[2, 3], []],
    ];

    it.each(choices)('reductions of %j over %j', (shape, axes) => {
      const x = randomTensor(shape, 1);
      const { sum, mean, prod, amax, amin, norm } = nn;
      for (const run of [sum, mean, prod, amax, amin, norm]) {
        expectGradients(() => weigh(run(x, { axes })).add(x.sum()), [x]);
        expectGradients(() => x.sum().add(weigh(run(x, { axes, keepDim: true }))), [x]);
      }
      for (const p of [1, Number.POSITIVE_INFINITY]) {
        expectGradients(() => weigh(norm(x, { axes, p })).add(x.sum()), [x]);
      }
    });

    it('reductions have the values and shapes that are left', () => {
      const x = nn.tensor(Float64Array.of(1, -2, 3, 4, 5, 6, 7, 8), [2, 2, 2]);
      const axes = [0, 2];
      expect([...nn.sum(x, { axes }).value]).toEqual([10, 22]);
      expect([...nn.mean(x, { axes }).value]).toEqual([2.5, 5.5]);
      expect([...nn.prod(x, { axes }).value]).toEqual([-60, 672]);
      expect([...nn.amax(x, { axes }).value]).toEqual([6, 8]);
      expect([...nn.amin(x, { axes }).value]).toEqual([-2, 3]);
      expect([...nn.norm(x, { axes, p: 1 }).value]).toEqual([14, 22]);
      expect([...nn.norm(x, { axes, p: Number.POSITIVE_INFINITY }).value]).toEqual([6, 8]);
      expect(nn.norm(nn.tensor([3, 4], [2, 1, 1]), { axes: [0, 2] }).value[0]).toBe(5);
      expect(nn.mean(x, { axes, keepDim: true }).shape).toEqual([1, 2, 1]);
      expect(nn.mean(x, { axes: -1 }).shape).toEqual([2, 2]);
      expect(nn.mean(x).shape).toEqual([]);
      expect(() => nn.sum(x, { axes: 3 })).toThrow(/axes must be an axis of 3 from -3 to 2, got 3/);
    });

    it('divides the gradient among the largest, and knows products with zeros', () => {
      const gradientOf = (run: (x: nn.Tensor) => nn.Tensor, values: number[]) => {
        const x = nn.tensor(values, [values.length], { requiresGrad: true });
        run(x).backward();
        return [...(x.grad ?? [])];
      };
      expect(gradientOf(nn.amax, [3, 1, 3])).toEqual([0.5, 0, 0.5]);
      expect(gradientOf(nn.amin, [3, 1, 3])).toEqual([0, 1, 0]);
      expect(gradientOf((x) => nn.norm(x, { p: Number.POSITIVE_INFINITY }), [-3, 1, 3])).toEqual([
        -0.5, 0, 0.5,
      ]);
      expect(gradientOf(nn.norm, [0, 0])).toEqual([0, 0]);
      expect(gradientOf(nn.prod, [2, 3, 4])).toEqual([12, 8, 6]);
      expect(gradientOf(nn.prod, [2, 0, 4])).toEqual([0, 8, 0]);
      expect(gradientOf(nn.prod, [0, 0, 4])).toEqual([0, 0, 0]);
    });

    it.each([[[7]], [[3, 65]], [[2, 3, 4]]])('softmax and logSoftmax, shape %j', (shape) => {
      const x = randomTensor(shape, 1);
      shape.forEach((_, axis) => {
        expectGradients(() => weigh(nn.softmax(x.mul(3), { axis })).add(x.sum()), [x]);
        expectGradients(() => weigh(new nn.LogSoftmax(axis).forward(x.mul(3))), [x]);
      });
    });
  });

  describe('losses', () => {
    it.each([
      [1, 1],
      [1, 3],
      [5, 3],
      [3, 65],
    ])('crossEntropy, %i x %i', (rows, classes) => {
      const logits = randomTensor([rows, classes], 1);
      const labels = Array.from({ length: rows }, (_, r) => (r * 7) % classes);
      expectGradients(() => nn.crossEntropy(logits.mul(5), labels).mul(3), [logits]);
      const ignoreIndex = rows > 1 ? labels[rows - 1] : -100;
      const options = { labelSmoothing: 0.2, ignoreIndex };
      if (labels.some((label) => label !== ignoreIndex)) {
        expectGradients(() => nn.crossEntropy(logits.mul(5), labels, options).mul(3), [logits]);
      }
    });

    it.each([[[1]], [[3, 5]], [[2, 65]]])('mse, shape %j', (shape) => {
      const prediction = randomTensor(shape, 1);
      const target = randomTensor(shape, 2);
      expectGradients(() => nn.mse(prediction, target).mul(3), [prediction, target]);
    });

    const shares = (seed: number) => nn.softmax(randomTensor([4, 3], seed));
    const leafOf = (x: nn.Tensor) => nn.tensor(x.value, x.shape, { requiresGrad: true });
    const signs = leafOf(
      nn
        .gt(randomTensor([4, 3], 9, false), 0)
        .double()
        .mul(2)
        .sub(1),
    ).detach();
    const sides = nn.tensor(Float64Array.of(1, -1, -1, 1));
    const ofElements = shares(7).detach();
    const ofClasses = nn.tensor(Float64Array.of(3, 0.5, 1));
    const pairs: Record<string, (x: nn.Tensor, y: nn.Tensor, reduction: nn.LossReduction) => nn.Tensor> = {
      mse: (x, y, reduction) => nn.mse(x, y, { reduction }),
      l1: (x, y, reduction) => nn.l1(x, y, { reduction }),
      smoothL1: (x, y, reduction) => nn.smoothL1(x, y, { reduction, beta: 0.4 }),
      huber: (x, y, reduction) => nn.huber(x, y, { reduction, delta: 0.4 }),
      bceWithLogits: (x, y, reduction) =>
        nn.bceWithLogits(x, y, {
          reduction,
          weight: ofElements,
          posWeight: ofClasses,
        }),
      'klDiv, logTarget': (x, y, reduction) => nn.klDiv(x, y, { reduction, logTarget: true }),
      hingeEmbedding: (x, y, reduction) => nn.hingeEmbedding(x.add(y), signs, { reduction }),
      cosineEmbedding: (x, y, reduction) => nn.cosineEmbedding(x, y, sides, { reduction, margin: -0.5 }),
      tripletMargin: (x, y, reduction) => nn.tripletMargin(x, y, x.add(y), { reduction, p: 3, swap: true }),
      'crossEntropy of probabilities': (x, y, reduction) =>
        nn.crossEntropy(x, y, {
          reduction,
          labelSmoothing: 0.1,
          weight: ofClasses,
        }),
    };

    describe.each(Object.entries(pairs))('%s', (_, loss) => {
      it.each(['mean', 'sum', 'none'] as const)('%s', (reduction) => {
        const [x, y] = [randomTensor([4, 3], 1), randomTensor([4, 3], 2)];
        expectGradients(() => weigh(loss(x, y, reduction)), [x, y]);
        const [frozen, given] = [randomTensor([4, 3], 1, false), randomTensor([4, 3], 2, false)];
        expectGradients(() => weigh(loss(x, given, reduction)), [x]);
        expectGradients(() => weigh(loss(frozen, y, reduction)), [y]);
      });
    });

    it('bce and klDiv, of probabilities', () => {
      const [p, y] = [leafOf(shares(1)), leafOf(shares(2))];
      expectGradients(() => weigh(nn.bce(p, y, { reduction: 'none' })), [p, y]);
      expectGradients(() => weigh(nn.klDiv(p, y, { reduction: 'none' })), [p, y]);
    });

    it('nll and crossEntropy, with weights, smoothing and rows that do not count', () => {
      const x = randomTensor([4, 3], 1);
      const labels = [0, 2, -1, 1];
      for (const reduction of ['mean', 'sum', 'none'] as const) {
        const options = { reduction, weight: ofClasses, ignoreIndex: -1 };
        expectGradients(() => weigh(nn.nll(x, labels, options)), [x]);
        expectGradients(() => weigh(nn.crossEntropy(x, labels, options)), [x]);
        expectGradients(() => weigh(nn.crossEntropy(x, labels, { ...options, labelSmoothing: 0.2 })), [x]);
      }
    });

    it('ctc, by what need not be logarithms of probabilities', () => {
      const x = randomTensor([7, 2, 4], 1);
      for (const reduction of ['mean', 'sum', 'none'] as const) {
        expectGradients(() => weigh(nn.ctc(x, [1, 1, 3, 2], [7, 5], [3, 1], { reduction })), [x]);
      }
    });

    it('two losses of one network, added', () => {
      const x = randomTensor([3, 4], 1);
      const layer = new nn.Linear(4, 4, float64(1));
      const loss = () => {
        const y = layer.forward(x);
        return nn.crossEntropy(y, [0, 1, 3]).add(nn.mse(y, x).mul(0.5));
      };
      expectGradients(loss, [x, ...layer.parameters()]);
    });
  });

  describe('accumulation', () => {
    it('adds the gradients of several losses, as one loss of all samples would have them', () => {
      const layer = new nn.Linear(3, 2, float64(1));
      const [first, second] = [randomTensor([2, 3], 1, false), randomTensor([2, 3], 2, false)];
      const gradientsAfter = (run: () => void) => {
        for (const parameter of layer.parameters()) parameter.grad = null;
        run();
        return layer.parameters().map(({ grad }) => grad?.slice());
      };
      const together = gradientsAfter(() =>
        weigh(layer.forward(first))
          .add(weigh(layer.forward(second)))
          .backward(),
      );
      const apart = gradientsAfter(() => {
        weigh(layer.forward(first)).backward();
        weigh(layer.forward(second)).backward();
      });
      for (const [p, grad] of apart.entries()) {
        expect(grad).toBeDefined();
        for (const [i, value] of (grad ?? []).entries())
          expect(value).toBeCloseTo(together[p]?.[i] ?? Number.NaN, 12);
      }
    });

    it('zeroes gradients in place', () => {
      const layer = new nn.Linear(3, 2, float64(1));
      layer
        .forward(randomTensor([2, 3], 1, false))
        .sum()
        .backward();
      const { grad } = layer.weight;
      expect(grad?.some((value) => value !== 0)).toBe(true);
      layer.zeroGrad();
      expect(layer.weight.grad).toBe(grad);
      expect(grad?.every((value) => value === 0)).toBe(true);
    });
  });
});
