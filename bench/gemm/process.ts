// Matrix products of one library, timed in a process of its own, on as many threads as the environment says: see serve().
//
// node --import tsx bench/gemm/process.ts <file>. prepare { routine, shape, expected: a file that holds the product } ->
// { absent: true } where the library has no product of this element type.
import { readFileSync } from 'node:fs';
import type { FloatArray } from '../../src/core/types.js';
import { checkObject, checkOneOf } from '../../src/core/validate.js';
import { timed } from '../measure.js';
import { openAddon } from '../native-addon.js';
import type { Message } from '../peers/child.js';
import { type Prepared, serve } from '../peers/serve.js';
import { checkSame, makeProblem, TYPES } from './problem.js';

interface Addon {
  /** See native/blas.cc. */
  open(file: string): void;
  run(sizes: readonly number[], a: FloatArray, b: FloatArray, c: FloatArray, steps: number): boolean;
}

const file = process.argv[2];
const loaded = openAddon('blas');
if ('failure' in loaded) throw new Error(loaded.failure);
const addon = checkAddon(loaded.addon);
addon.open(file);

function prepare({ routine, shape: given, expected }: Message): Prepared {
  checkOneOf('routine', routine, ['sgemm', 'dgemm']);
  checkObject('shape', given);
  const shape = {
    m: Number(given.m),
    n: Number(given.n),
    k: Number(given.k),
    transA: given.transA === true,
    transB: given.transB === true,
  };
  const { a, b, c } = makeProblem(routine, shape);
  const sizes = [shape.m, shape.n, shape.k, Number(shape.transA), Number(shape.transB)];
  const absent = !addon.run(sizes, a, b, c, 1);
  if (!absent) {
    const bytes = readFileSync(String(expected));
    checkSame(file, c, new TYPES[routine](Uint8Array.from(bytes).buffer), shape);
  }
  return { run: (steps) => timed(() => void addon.run(sizes, a, b, c, steps), 1), reply: { absent } };
}

function checkAddon(addon: unknown): Addon {
  const isAddon = (value: unknown): value is Addon =>
    ['open', 'run'].every((key) => typeof Reflect.get(Object(value), key) === 'function');
  if (!isAddon(addon)) throw new Error('bench/native has no open() or run()');
  return addon;
}

await serve({ file }, prepare);
