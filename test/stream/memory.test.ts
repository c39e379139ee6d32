import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { queue, queuedKernels } from '../../src/backend/select.js';
import { inStream, isBusy, kernels, settled } from '../../src/backend/stream.js';
import { bundled, withBinary } from '../bundled.js';

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

const LENGTH = 2 ** 14;

const ones = (memory?: ArrayBufferLike) =>
  (memory === undefined ? new Float32Array(LENGTH) : new Float32Array(memory)).fill(1);

/** Doubles the array so many times, later. */
function double(array: Float32Array, times: number): void {
  inStream(() => {
    for (let i = 0; i < times; i++) kernels().mulScalar(array.length, 2, array, array);
  });
}

describe.skipIf(queuedKernels() === null)('what is queued', () => {
  afterEach(() => {
    queue?.delay(0);
    queue?.settle();
  });

  it('runs later, and in its order', async () => {
    queue?.delay(2000);
    const array = ones();
    double(array, 5);
    inStream(() => kernels().addScalar(LENGTH, -30, array, array));
    expect(isBusy(array)).toBe(true);
    await settled(0);
    expect(isBusy(array)).toBe(false);
    expect(new Set(array)).toEqual(new Set([2]));
  });

  it('is over before a kernel that runs at once', () => {
    queue?.delay(2000);
    const array = ones();
    double(array, 3);
    kernels().addScalar(LENGTH, 1, array, array);
    expect(new Set(array)).toEqual(new Set([9]));
  });

  it('keeps its memory, whoever forgets it', async () => {
    queue?.delay(500);
    const result = ones();
    for (let i = 0; i < 200; i++) {
      const forgotten = ones();
      inStream(() => kernels().add(0, 1, 1, LENGTH, result, forgotten, result));
      if (i % 20 === 0 && typeof collectGarbage === 'function') collectGarbage();
    }
    await settled(0);
    expect(new Set(result)).toEqual(new Set([201]));
  });

  it('keeps its memory from being transferred', async () => {
    queue?.delay(2000);
    const array = ones();
    double(array, 3);
    try {
      Reflect.apply(structuredClone, undefined, [array, { transfer: [array.buffer] }]);
    } catch {
      // So do newer versions of Node.js; Node.js 20 copies.
    }
    expect(array).toHaveLength(LENGTH);
    await settled(0);
    expect(array[0]).toBe(8);
  });

  it('is done at once over memory that can shrink, after what was queued before it', () => {
    queue?.delay(2000);
    // Node.js 20 has them, TypeScript's library not yet.
    const memory: ArrayBuffer = Reflect.construct(ArrayBuffer, [4 * LENGTH, { maxByteLength: 8 * LENGTH }]);
    const array = ones(memory);
    const fixed = ones();
    double(fixed, 2);
    inStream(() => kernels().add(0, 1, 1, LENGTH, array, fixed, array));
    expect([array[0], queue?.isPending]).toEqual([5, false]);
  });

  it('is checked when it is queued', () => {
    const array = ones();
    expect(() => inStream(() => kernels().mulScalar(LENGTH + 1, 2, array, array))).toThrow(RangeError);
    expect(array[0]).toBe(1);
  });

  it('tells that a place is outside of its array, of what was not computed when it was queued', async () => {
    const [positions, dy, dx] = [new Int32Array(1).fill(99), ones(), ones()];
    const failures = queue?.failures ?? 0;
    inStream(() =>
      kernels().maxPool2dBackward(2, 2, 1, 1, 2, 2, 2, 2, 1, 1, 0, 0, 1, 1, 0, positions, dy, dx),
    );
    await expect(settled(failures)).rejects.toThrow(/places outside of its array/);
    // Whoever began later did not lose anything.
    const array = ones();
    double(array, 1);
    await settled(queue?.failures ?? 0);
    expect(array[0]).toBe(2);
  });
});

const child = (name: string) =>
  spawnSync(process.execPath, [bundled(join(import.meta.dirname, 'children', `${name}.ts`))], {
    encoding: 'utf8',
    env: withBinary,
    timeout: 60_000,
  });

describe.skipIf(queuedKernels() === null)('a process in whose queue something is left', () => {
  it.each([
    ['stays until it is over, and then ends', 'ends', 'done\n', 0],
    ['exits at once where it is told to', 'exits', 'exit\n', 3],
    ['survives workers that end in the middle', 'workers', 'alive\n', 0],
  ])('%s', (_, name, stdout, status) => {
    const { stdout: printed, stderr, status: code, signal } = child(name);
    expect({ printed, stderr, code, signal }).toEqual({
      printed: stdout,
      stderr: '',
      code: status,
      signal: null,
    });
  });
});
