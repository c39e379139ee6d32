import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { buildNetwork, networkInWords } from '../../src/cli/compare/network.js';
import { baseFor } from '../../src/cli/compare/plan.js';
import type { Settings } from '../../src/cli/compare/study.js';
import { hashOfModel } from '../../src/cli/compare/user-model.js';
import { Conv2d, Linear, noGrad, tensor } from '../../src/nn/index.js';
import { temporaryFolder } from './run-cli.js';

const image = { height: 28, width: 28, channels: 1 };
const shape = { columns: 784, classes: 10, image };
const settingsOf = (change: Partial<Settings>): Settings => ({
  ...baseFor(change, {
    ...shape,
    train: { rows: 100, features: new Float32Array(), targets: new Int32Array() },
  }),
  lr: 1,
});
const built = (
  change: Partial<Settings>,
  of: typeof shape | { columns: number; classes: number; image: null } = shape,
) => buildNetwork(settingsOf(change), of, 0);

describe('networks', () => {
  it('are by default what they are said to be', async () => {
    const parameters = (await built({})).parameters();
    expect(parameters.map(({ size }) => size)).toEqual([
      100352, 128, 128, 128, 16384, 128, 128, 128, 1280, 10,
    ]);
    expect(networkInWords(settingsOf({}))).toBe(
      'mlp: depth 2, width 128, relu, default initialisation, layer normalisation, residual',
    );
  });

  it.each(
    ['mlp', 'cnn', 'resnet'].flatMap((network) => [1, 2, 3, 8].map((depth) => [network, depth] as const)),
  )('%s of depth %d gives a number for each class, and has so many layers', async (network, depth) => {
    for (const residual of [true, false]) {
      for (const norm of ['none', 'layer', 'batch'] as const) {
        const model = await built({ network, depth, width: 4, residual, norm });
        const { shape: out } = noGrad(() =>
          model.forward(tensor(new Float32Array(2 * 784).fill(0.5), [2, 784])),
        );
        expect(out).toEqual([2, 10]);
        const layers = model.modules().filter((module) => {
          if (module instanceof Linear) return true;
          // Not those of shortcuts.
          return module instanceof Conv2d && module.weight.shape[1] === 3;
        });
        expect(layers).toHaveLength(depth + 1);
      }
    }
  });

  it('of images take those of other shapes, and no rows that are none', async () => {
    const small = { columns: 75, classes: 3, image: { height: 5, width: 5, channels: 3 } };
    for (const network of ['cnn', 'resnet']) {
      const model = await buildNetwork(settingsOf({ network, width: 4 }), small, 0);
      const { shape: out } = noGrad(() => model.forward(tensor(new Float32Array(150), [2, 75])));
      expect(out).toEqual([2, 3]);
      const none = buildNetwork(settingsOf({ network }), { columns: 4, classes: 3, image: null }, 0);
      await expect(none).rejects.toThrow(/is for images, and the 4 columns of the data are none/);
    }
  });

  it.each([
    ['kaiming', Math.sqrt(2 / 128)],
    ['xavier', Math.sqrt(2 / 256)],
    ['lecun', Math.sqrt(1 / 128)],
    ['normal', 0.01],
    ['zeros', 0],
  ])('%s: weights begin with a deviation of %d, biases with 0', async (init, deviation) => {
    const model = await built({ init, norm: 'none' });
    const layers = model.modules().filter((module) => module instanceof Linear);
    const value = [...layers[1].weight.value];
    const square = value.reduce((sum, x) => sum + x * x, 0) / value.length;
    expect(Math.sqrt(square)).toBeCloseTo(deviation, 2);
    expect(Math.abs(Math.sqrt(square) - deviation)).toBeLessThanOrEqual(0.03 * deviation);
    for (const { bias } of layers) expect(bias?.value.every((x) => x === 0)).toBe(true);
  });
});

describe('a module of the user’s', () => {
  const nn = pathToFileURL(join(import.meta.dirname, '../../src/nn/index.ts')).href;
  const write = (text: string) => {
    const path = join(temporaryFolder(), 'model.mjs');
    writeFileSync(path, text);
    return path;
  };

  it('makes the network of the settings', async () => {
    const path = write(`import { Linear } from ${JSON.stringify(nn)};
export default ({ columns, classes, width, generator }) => {
  if (width !== 7) throw new Error('no width');
  return new Linear(columns, classes, { generator });
};`);
    const model = await built({ network: path, width: 7 });
    expect(model).toBeInstanceOf(Linear);
    expect(model.parameters()[0].shape).toEqual([10, 784]);
    expect(hashOfModel(path)).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    ['export const a = 1;', /has no default export that is a function/],
    ['export default () => 5;', /must give a Module of lockstep\/nn, of the same installation .* got 5/],
    ['export default (', /Unexpected|Expression expected|SyntaxError|Parse/i],
  ])('is refused where it is none: %s', async (text, message) => {
    await expect(built({ network: write(text) })).rejects.toThrow(message);
  });

  it('is refused where there is none', async () => {
    await expect(built({ network: './none.js' })).rejects.toThrow(
      /^the network "\.\/none\.js": no such file$/,
    );
    expect(() => hashOfModel('./none.js')).toThrow(/^the network "\.\/none\.js": ENOENT/);
  });
});
