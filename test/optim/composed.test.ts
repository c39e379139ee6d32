// Against the papers' formulas in float64; see test/golden/README.md.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  Adafactor,
  LAMB,
  LARS,
  Muon,
  type Optimizer,
  Shampoo,
  SOAP,
  targets,
  useTarget,
} from '../../src/index.js';
import { label } from './table.js';

type Values = readonly (readonly number[])[];

interface Golden {
  readonly optimizer: keyof typeof classes;
  readonly shapes: Values;
  readonly values: Values;
  readonly gradients: readonly Values[];
  readonly cases: readonly { readonly options: object; readonly steps: Readonly<Record<string, Values>> }[];
}

const classes = { LAMB, LARS, Muon, Adafactor, Shampoo, SOAP };
const golden: readonly Golden[] = JSON.parse(
  readFileSync(new URL('../golden/composed.json', import.meta.url), 'utf8'),
);

const cases = golden.flatMap(({ cases, ...problem }) =>
  cases.map((one) => ({ ...problem, ...one, shown: label(one.options) })),
);

/** What an optimizer makes of the parameters, told of every step that has a golden value. */
function run(
  { optimizer: name, shapes, values, gradients, options, steps }: (typeof cases)[number],
  ArrayType: typeof Float32Array | typeof Float64Array,
  see: (actual: Iterable<number>, expected: readonly number[]) => void,
): void {
  const params = values.map((value, i) => ({
    value: ArrayType.from(value),
    grad: new ArrayType(value.length),
    shape: shapes[i],
  }));
  const optimizer: Optimizer<object, object> = Reflect.construct(classes[name], [params, options]);
  gradients.forEach((gradient, s) => {
    for (const [i, { grad }] of params.entries()) grad.set(gradient[i]);
    optimizer.step();
    steps[s + 1]?.forEach((expected, i) => {
      see(params[i].value, expected);
    });
  });
}

describe.each(targets())('%s', (target) => {
  test.each(cases)('$optimizer $shown', (golden) => {
    useTarget(target);
    let seen = 0;
    // The formula's roots come from eigenvalues, of which small ones are large in the root.
    const [double, single] = ['Shampoo', 'SOAP'].includes(golden.optimizer) ? [1e-8, 1e-3] : [1e-12, 1e-4];
    for (const [ArrayType, tolerance] of [
      [Float64Array, double],
      [Float32Array, single],
    ] as const) {
      run(golden, ArrayType, (actual, expected) => {
        const largest = Math.max(...expected.map(Math.abs));
        for (const [i, x] of [...actual].entries()) {
          seen++;
          expect(Math.abs(x - expected[i]), `element ${i}`).toBeLessThanOrEqual(tolerance * largest);
        }
      });
    }
    expect(seen).toBeGreaterThan(0);
  });
});

test('every class has golden values', () => {
  expect(golden.map(({ optimizer }) => optimizer)).toEqual(Object.keys(classes));
});
