import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  exponential,
  type FloatArray,
  type LearningRate,
  type Parameter,
  SWATS,
  targets,
  useTarget,
} from '../../src/index.js';
import { composedRows } from './composed-rows.js';
import { label, table } from './table.js';

// Against numbers that PyTorch and a NumPy transcription of the SWATS paper have made; see test/golden/README.md.

type Values = readonly (readonly number[])[];

interface OptimizerCase {
  readonly optimizer: string;
  readonly options: object;
  readonly dtype: 'float32' | 'float64';
  readonly steps: Readonly<Record<string, Values>>;
}

interface OptimizerGolden {
  readonly values: Values;
  readonly gradients: readonly (readonly (readonly number[] | null)[])[];
  readonly cases: readonly OptimizerCase[];
}

interface SwatsCase {
  readonly name: string;
  readonly options: { readonly lr: number | readonly ['exponential', number, { readonly factor: number }] };
  readonly values: Values;
  readonly switchStep: number | null;
  readonly sgdLr: number | null;
  readonly steps: Readonly<Record<string, Values>>;
}

interface SwatsGolden {
  readonly curvatures: Values;
  readonly cases: readonly SwatsCase[];
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8'));
}

/** Fails where a value is further from the golden one than `tolerance` times the largest the element has been. */
function checkClose(
  actual: FloatArray,
  expected: readonly number[],
  largest: number[],
  tolerance: number,
): void {
  expected.forEach((value, i) => {
    largest[i] = Math.max(largest[i], Math.abs(value));
    const error = Math.abs(actual[i] - value);
    if (!(error <= tolerance * largest[i])) expect(actual[i], `element ${i}`).toBe(value);
  });
}

describe('PyTorch and the papers', () => {
  const golden = read<OptimizerGolden>('optimizers');
  const cases = [...golden.cases, ...read<OptimizerCase[]>('papers')];
  // PyTorch fuses multiply and add. The float64 bar is the one of the schedules; the float32 one 16 units.
  const tolerance = { float64: 1e-12, float32: 16 * 2 ** -23 };

  describe.each(targets())('%s', (target) => {
    test.each(cases.map((c) => ({ ...c, shown: label(c.options) })))(
      '$optimizer $shown $dtype',
      ({ optimizer: name, options, dtype, steps }) => {
        useTarget(target);
        const row = table.find((candidate) => candidate.name === name);
        if (row === undefined) throw new Error(`the table has no ${name}`);
        const ArrayType = dtype === 'float32' ? Float32Array : Float64Array;
        const params = golden.values.map((values) => ({
          value: ArrayType.from(values),
          grad: new ArrayType(values.length) as FloatArray | null,
        }));
        const largest = golden.values.map((values) => values.map(Math.abs));
        const optimizer = row.create(params, options);
        golden.gradients.forEach((gradients, s) => {
          params.forEach((param, i) => {
            const gradient = gradients[i];
            param.grad = gradient === null ? null : ArrayType.from(gradient);
          });
          optimizer.step();
          steps[s + 1]?.forEach((expected, i) => {
            checkClose(params[i].value, expected, largest[i], tolerance[dtype]);
          });
        });
        expect(optimizer.steps).toBe(20);
      },
    );
  });

  test('every optimizer in the table has golden values', () => {
    const covered = new Set(cases.map(({ optimizer }) => optimizer));
    expect([...covered].sort()).toEqual(
      table
        .map(({ name }) => name)
        .filter((name) => name !== 'SWATS' && !composedRows.some((row) => row.name === name))
        .sort(),
    );
  });
});

describe('SWATS of the paper', () => {
  const golden = read<SwatsGolden>('swats');

  describe.each(targets())('%s', (target) => {
    test.each(golden.cases)('$name', ({ options, values, switchStep, sgdLr, steps }) => {
      useTarget(target);
      const lr: LearningRate =
        typeof options.lr === 'number' ? options.lr : exponential(options.lr[1], options.lr[2]);
      const params = values.map((value) => ({
        value: Float64Array.from(value),
        grad: new Float64Array(value.length),
      })) satisfies Parameter[];
      const largest = values.map((value) => value.map(Math.abs));
      const optimizer = new SWATS(params, { ...options, lr });
      const last = Math.max(...Object.keys(steps).map(Number));
      for (let s = 1; s <= last; s++) {
        params.forEach(({ value, grad }, p) => {
          for (let i = 0; i < grad.length; i++) grad[i] = golden.curvatures[p][i] * value[i];
        });
        optimizer.step();
        expect(optimizer.phase).toBe(switchStep !== null && s >= switchStep ? 'sgd' : 'adam');
        steps[s]?.forEach((expected, i) => {
          checkClose(params[i].value, expected, largest[i], 1e-12);
        });
      }
      expect(optimizer.switchStep).toBe(switchStep);
      if (sgdLr === null) expect(optimizer.sgdLr).toBeNull();
      else expect(Math.abs((optimizer.sgdLr ?? 0) / sgdLr - 1)).toBeLessThan(1e-11);
    });
  });
});
