// What an optimizer knows beyond its arrays, and how a step by a kernel's rule may depend on it.
import { describe, expect, it } from 'vitest';
import {
  type CommonOptions,
  Optimizer,
  type RuleDefinition,
  SWATS,
  totalNorm,
  type UpdateDefinition,
} from '../../src/index.js';

const numbers = (n: number, seed: number) =>
  Float32Array.from({ length: n }, (_, i) => Math.sin(seed + 3 * i));
const parameter = (name: string, n: number, seed: number) => ({
  name,
  value: numbers(n, seed),
  grad: numbers(n, seed + 0.5),
});

interface Trust {
  ratio: number;
}

/** You, Gitman & Ginsburg 2017: a rate for each parameter, by the norms of its value and its gradient. */
const lars: RuleDefinition<CommonOptions, Trust> = {
  name: 'LARS',
  defaults: { lr: 0.1, weightDecay: 0, maximize: false },
  memory: {
    name: 'trust',
    scope: () => 'param',
    initial: () => ({ ratio: 1 }),
    read(name, { ratio }) {
      if (typeof ratio !== 'number') throw new TypeError(`${name}.ratio must be a number`);
      return { ratio };
    },
  },
  before(parameters) {
    for (const { value, grad, memory } of parameters) memory.ratio = totalNorm([value]) / totalNorm([grad]);
  },
  rate: (scheduled, _, { ratio }) => scheduled * ratio,
  rule: () => 'momentum',
  scalars: ({ weightDecay, maximize }, lr) => ({
    lr,
    keep: 0.9,
    add: 1,
    nesterov: 0,
    weightDecay,
    shrink: 1,
    maximize: Number(maximize),
  }),
};

describe('LARS by the rule of momentum', () => {
  it('does what a loop does', () => {
    const params = [parameter('a', 5, 1), parameter('b', 70, 2)];
    const expected = params.map(({ value }) => value.slice());
    const velocities = params.map(({ value }) => new Float32Array(value.length));
    const optimizer = new Optimizer(lars, params, { lr: (step) => 0.1 / (step + 1) });
    const round = Math.fround;
    for (let step = 0; step < 3; step++) {
      optimizer.step();
      for (const [k, { grad }] of params.entries()) {
        const lr = round((0.1 / (step + 1)) * (totalNorm([expected[k]]) / totalNorm([grad])));
        for (const [i, g] of grad.entries()) {
          velocities[k][i] = round(round(round(0.9) * velocities[k][i]) + g);
          expected[k][i] -= round(lr * velocities[k][i]);
        }
      }
      expect(params.map(({ value }) => value)).toEqual(expected);
    }
    const { extra } = optimizer.stateDict();
    expect(extra).toEqual({
      trust: ['a', 'b'].map((name) => ({ key: `param ${name}`, ratio: expect.any(Number) })),
    });
  });
});

interface Count {
  seen: number[];
}

/** Sign descent whose rate halves with every restart, which it counts for each group. */
const restarting: UpdateDefinition<CommonOptions, Count> = {
  name: 'Restarting',
  defaults: { lr: 1, weightDecay: 0, maximize: false },
  memory: {
    name: 'counts',
    scope: () => 'group',
    initial: () => ({ seen: [] }),
    read(name, { seen }) {
      if (Array.isArray(seen)) return { seen };
      throw new TypeError(`${name}.seen must be an array`);
    },
  },
  rate: (scheduled, _, { seen }) => scheduled / 2 ** seen.length,
  update(parameters) {
    for (const { value, grad, lr } of parameters) for (const i of value.keys()) value[i] -= lr * grad[i];
    for (const memory of new Set(parameters.map((p) => p.memory))) memory.seen.push(parameters.length);
  },
};

describe('a memory', () => {
  const make = () => {
    const params = [parameter('a', 2, 1), parameter('b', 3, 2), parameter('c', 1, 3)];
    const [a, b, c] = params;
    return { params, optimizer: new Optimizer(restarting, [{ params: [a, b] }, { params: [c] }]) };
  };

  it('is of its scope, tells the rate, and is saved and restored as a copy', () => {
    const { params, optimizer } = make();
    const start = params.map(({ value }) => value.slice());
    optimizer.step();
    expect(optimizer.lr).toBe(0.5);
    for (const [k, { value, grad }] of params.entries()) {
      expect(value).toEqual(start[k].map((x, i) => x - grad[i]));
    }
    const saved = optimizer.stateDict();
    expect(saved.extra).toEqual({
      counts: [
        { key: 'group 0', seen: [3] },
        { key: 'group 1', seen: [3] },
      ],
    });
    const other = make();
    other.optimizer.loadStateDict(saved);
    other.optimizer.step();
    optimizer.step();
    expect(other.optimizer.lr).toBe(0.25);
    expect(other.optimizer.stateDict().extra).toEqual(optimizer.stateDict().extra);
    expect(saved.extra).toMatchObject({ counts: [{ seen: [3] }, { seen: [3] }] });
  });

  it.each<[string, unknown, string]>([
    ['none', null, 'state.extra must be an object, got null'],
    ['too few', { counts: [] }, 'state.extra.counts must be an array of 2 counts, got []'],
    [
      "another's",
      { counts: [{ key: 'group 1' }, { key: 'group 0' }] },
      'state.extra.counts[0].key must be "group 0", got "group 1"',
    ],
    [
      'what the definition refuses',
      {
        counts: [
          { key: 'group 0', seen: [] },
          { key: 'group 1', seen: 1 },
        ],
      },
      'state.extra.counts[1].seen must be an array',
    ],
  ])('that is %s is refused, and nothing changes', (_, extra, message) => {
    const { optimizer } = make();
    optimizer.step();
    const before = optimizer.stateDict();
    expect(() => optimizer.loadStateDict({ ...before, steps: 7, extra })).toThrow(message);
    expect(optimizer.stateDict()).toEqual(before);
  });

  it('has its name from when its parameters join, whichever take the first step', () => {
    const groups = () => {
      const a: { name: string; value: Float32Array; grad: Float32Array | null } = parameter('a', 2, 1);
      a.grad = null;
      return [{ params: [a] }, { params: [parameter('b', 2, 2)] }];
    };
    const optimizer = new SWATS(groups(), { scope: 'group' });
    optimizer.step();
    expect(optimizer.stateDict().extra).toMatchObject({
      phases: [
        { key: 'group 0', step: 0 },
        { key: 'group 1', step: 1 },
      ],
    });
    const resumed = new SWATS(groups(), { scope: 'group' });
    resumed.loadStateDict(optimizer.stateDict());
    expect(resumed.stateDict()).toEqual(optimizer.stateDict());
  });
});

describe('step()', () => {
  it('is refused within a step of the same optimizer', () => {
    const optimizer = new Optimizer(restarting, [parameter('a', 2, 1)]);
    const nested = () => {
      optimizer.step();
      return 1;
    };
    expect(() => optimizer.step(nested)).toThrow('must not be called within a step of the same optimizer');
    optimizer.step();
    expect(optimizer.steps).toBe(1);
  });
});

describe('the learning rate', () => {
  it('of a function is one schedule for all groups, and asked once a group and step', () => {
    const asked: number[] = [];
    const lr = (step: number) => {
      asked.push(step);
      return 0.1;
    };
    const optimizer = new Optimizer(restarting, [parameter('a', 2, 1), parameter('b', 2, 2)], { lr });
    optimizer.addParamGroup({ params: [parameter('c', 2, 3)] });
    expect(asked).toEqual([]);
    optimizer.step();
    optimizer.step();
    expect(asked).toEqual([0, 0, 1, 1]);
  });
});

it('a memory with fields must not be left out, says the compiler', () => {
  const { memory: _, ...without } = lars;
  // @ts-expect-error
  const definition: RuleDefinition<CommonOptions, Trust> = without;
  expect(definition.memory).toBeUndefined();
});
