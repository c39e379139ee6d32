import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { currentTarget, targets, useTarget } from '../../src/backend/select.js';
import * as nn from '../../src/nn/index.js';
import { expectClose } from './helpers.js';

interface Entry {
  readonly shape: number[];
  readonly value: number[];
  readonly constant?: boolean;
}

/** A tensor, class numbers, or a plain option. */
type Value = Entry | number[] | number | string | boolean;

interface Case {
  readonly loss: string;
  readonly options: Record<string, Value>;
  readonly inputs: Value[];
  readonly results: Record<string, { output: Entry; seed: number[]; gradients: (number[] | null)[] }>;
}

const path = new URL('../golden/losses.json', import.meta.url);
const { cases }: { cases: Case[] } = JSON.parse(readFileSync(path, 'utf8'));

const fastest = currentTarget();
afterAll(() => useTarget(fastest));

const float64 = { dtype: 'float64' } as const;

function read(value: Value): unknown {
  if (value === 'Infinity') return Number.POSITIVE_INFINITY;
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  return nn.tensor(value.value, value.shape, { ...float64, requiresGrad: value.constant !== true });
}

function run(name: string, args: readonly unknown[]): nn.Tensor {
  const loss: unknown = Reflect.get(nn, name);
  if (typeof loss !== 'function') throw new Error(`there is no ${name}`);
  // PyTorch's gradient of ctc is that by logits: test/golden/losses.py.
  const [first, ...rest] = args;
  const given = name === 'ctc' && first instanceof nn.Tensor ? [nn.logSoftmax(first), ...rest] : args;
  const result: unknown = Reflect.apply(loss, undefined, given);
  if (!(result instanceof nn.Tensor)) throw new Error(`${name} gives no tensor`);
  return result;
}

const title = ({ loss, options }: Case) =>
  `${loss} ${JSON.stringify(options, (_, value) => (Array.isArray(value?.shape) ? value.shape : value))}`;

const golden = cases.flatMap((one) =>
  Object.entries(one.results).map(
    ([reduction, result], i) => [`${title(one)} ${reduction}`, one, reduction, result, i] as const,
  ),
);

describe.each(targets())('PyTorch, on %s', (target) => {
  beforeAll(() => useTarget(target));

  it.each(golden)('%s', (_, { loss, options, inputs }, reduction, { output, seed, gradients }) => {
    const given = Object.fromEntries(Object.entries(options).map(([name, value]) => [name, read(value)]));
    const args = inputs.map(read);
    const result = run(loss, [...args, { ...given, reduction }]);
    expect(result.shape).toEqual(output.shape);
    expectClose(result.value, output.value, 'output');
    result.mul(nn.tensor(seed, output.shape, float64)).sum().backward();
    for (const [i, expected] of gradients.entries()) {
      const leaf = args[i];
      if (expected === null) continue;
      if (!(leaf instanceof nn.Tensor) || leaf.grad === null) throw new Error(`input ${i} has no gradient`);
      expectClose(leaf.grad, expected, `gradient ${i}`);
    }
    const silent = nn.noGrad(() => run(loss, [...args, { ...given, reduction }]));
    expectClose(silent.value, output.value, 'output without gradients');
  });
});
