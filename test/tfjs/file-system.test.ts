// Models in files: what tfjs-node writes and reads.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, win32 } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pathOf } from '../../src/tfjs/file-system.js';
import { fileSystem } from '../../src/tfjs/index.js';

const root = mkdtempSync(join(tmpdir(), 'lockstep-tfjs-'));
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'model-'));
  tf.engine().startScope();
});
afterEach(() => tf.engine().endScope());
afterAll(() => rmSync(root, { recursive: true }));

const write = (name: string, data: string | Uint8Array | object) =>
  writeFileSync(
    join(folder, name),
    typeof data === 'string' || data instanceof Uint8Array ? data : JSON.stringify(data),
  );
const readJson = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const urlOf = (...path: string[]) => `file://${join(folder, ...path)}`;
const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);

const x = () => tf.tensor2d([0.5, -1, 2, 0.25, 1, -0.5], [2, 3]);

function network() {
  const model = layers.sequential();
  model.add(layers.layers.dense({ units: 4, inputShape: [3], activation: 'relu' }));
  model.add(layers.layers.batchNormalization());
  model.add(layers.layers.dense({ units: 2 }));
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['mae'] });
  return model;
}

const valuesOf = (tensors: tf.Tensor[]) => tensors.map((tensor) => Array.from(tensor.dataSync()));
const predictionOf = (model: { predict(x: tf.Tensor): unknown }) => {
  const y = model.predict(x());
  if (!(y instanceof tf.Tensor)) throw new Error('expected one output');
  return Array.from(y.dataSync());
};

describe('a model of layers', () => {
  test('is the same after it was saved and loaded', async () => {
    const model = network();
    const { modelArtifactsInfo } = await model.save(urlOf('new', 'folder'));
    expect(readdirSync(join(folder, 'new', 'folder')).sort()).toEqual(['model.json', 'weights.bin']);
    expect(modelArtifactsInfo).toMatchObject({
      modelTopologyType: 'JSON',
      weightDataBytes: 4 * (3 * 4 + 4 + 4 * 4 + 4 * 2 + 2),
    });
    const loaded = await layers.loadLayersModel(urlOf('new', 'folder', 'model.json'));
    expect(valuesOf(loaded.getWeights())).toEqual(valuesOf(model.getWeights()));
    expect(predictionOf(loaded)).toEqual(predictionOf(model));
  });

  test('goes on training where it was saved with its optimizer', async () => {
    const y = tf.tensor2d([1, 0, 0, 1], [2, 2]);
    const fit = (model: layers.LayersModel) => model.fit(x(), y, { epochs: 3, shuffle: false, verbose: 0 });
    const model = network();
    await fit(model);
    model.setUserDefinedMetadata({ labels: ['cat', 'dog'] });
    await model.save(urlOf(), { includeOptimizer: true });
    const loaded = await layers.loadLayersModel(urlOf('model.json'));
    expect(loaded.getUserDefinedMetadata()).toEqual({ labels: ['cat', 'dog'] });
    const [state, before] = await Promise.all([loaded.optimizer.getWeights(), model.optimizer.getWeights()]);
    expect(state.length).toBeGreaterThan(10);
    expect(valuesOf(state.map(({ tensor }) => tensor))).toEqual(valuesOf(before.map(({ tensor }) => tensor)));
    const histories = [await fit(model), await fit(loaded)].map(({ history }) => history);
    expect(histories[1]).toEqual(histories[0]);
    expect(valuesOf(loaded.getWeights())).toEqual(valuesOf(model.getWeights()));
  });

  test('is written as tfjs-node writes it', async () => {
    const model = network();
    await model.save(fileSystem(folder), { includeOptimizer: true });
    const json = readJson('model.json');
    expect(Object.keys(json)).toEqual([
      'modelTopology',
      'weightsManifest',
      'format',
      'generatedBy',
      'convertedBy',
      'trainingConfig',
    ]);
    expect(json).toMatchObject({
      format: 'layers-model',
      convertedBy: null,
      trainingConfig: { loss: 'mean_squared_error', optimizer_config: { class_name: 'Adam' } },
      weightsManifest: [{ paths: ['weights.bin'] }],
    });
    const [{ weights }] = json.weightsManifest;
    const bytes = weights.reduce(
      (sum: number, { shape }: { shape: number[] }) => sum + 4 * tf.util.sizeFromShape(shape),
      0,
    );
    expect(readFileSync(join(folder, 'weights.bin')).length).toBe(bytes);
  });

  test('replaces the one that was there, and leaves no other file', async () => {
    const [first, second] = [network(), network()];
    await first.save(urlOf());
    await second.save(urlOf());
    expect(readdirSync(folder).sort()).toEqual(['model.json', 'weights.bin']);
    expect(predictionOf(await layers.loadLayersModel(urlOf('model.json')))).toEqual(predictionOf(second));
  });
});

const KERNEL = Float32Array.of(1, 2, 3, 4, 5, 6);
const BIAS = Float32Array.of(0.5, -0.5);
const WEIGHTS = [
  { name: 'dense/kernel', shape: [3, 2], dtype: 'float32' },
  { name: 'dense/bias', shape: [2], dtype: 'float32' },
];
/** Of x() by hand. */
const DENSE = [8, 8.5, 1.25, 1];

/** What tfjs-node would find, in two files that part in the middle of a number. */
function writeShards(parts: Record<string, unknown> = {}) {
  const config = { name: 'dense', trainable: true, units: 2, activation: 'linear', use_bias: true };
  const layer = {
    class_name: 'Dense',
    config: { ...config, batch_input_shape: [null, 3], dtype: 'float32' },
  };
  const bytes = [...bytesOf(KERNEL), ...bytesOf(BIAS)];
  write('group1-shard1of2.bin', Uint8Array.from(bytes.slice(0, 10)));
  write('group1-shard2of2.bin', Uint8Array.from(bytes.slice(10)));
  const paths = ['group1-shard1of2.bin', 'group1-shard2of2.bin'];
  const model_config = { class_name: 'Sequential', config: { name: 'sequential', layers: [layer] } };
  write('model.json', {
    modelTopology: {
      class_name: 'Sequential',
      config: model_config.config,
      keras_version: 'tfjs-layers 4.22.0',
    },
    weightsManifest: [{ paths, weights: WEIGHTS }],
    format: 'layers-model',
    generatedBy: 'TensorFlow.js tfjs-layers v4.22.0',
    convertedBy: null,
    ...parts,
  });
}

/** y = x w, and a constant. */
const GRAPH = {
  node: [
    {
      name: 'x',
      op: 'Placeholder',
      attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: [{ size: '-1' }, { size: '3' }] } } },
    },
    {
      name: 'w',
      op: 'Const',
      attr: {
        dtype: { type: 'DT_FLOAT' },
        value: { tensor: { dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: '3' }, { size: '2' }] } } },
      },
    },
    {
      name: 'y',
      op: 'MatMul',
      input: ['x', 'w'],
      attr: { transpose_a: { b: false }, transpose_b: { b: false } },
    },
  ],
  versions: { producer: 1 },
};
const SIGNATURE = {
  inputs: { x: { name: 'x:0', dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: '-1' }, { size: '3' }] } } },
  outputs: { y: { name: 'y:0', dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: '-1' }, { size: '2' }] } } },
};
const PRODUCT = [7.5, 9, 0.75, 1.5];

function writeGraph() {
  write('w.bin', bytesOf(KERNEL));
  write('model.json', {
    format: 'graph-model',
    generatedBy: '2.15.0',
    convertedBy: 'TensorFlow.js Converter v4.22.0',
    signature: SIGNATURE,
    userDefinedMetadata: { source: 'test' },
    modelTopology: GRAPH,
    weightsManifest: [{ paths: ['w.bin'], weights: [{ name: 'w', shape: [3, 2], dtype: 'float32' }] }],
  });
}

describe('files of tfjs-node', () => {
  test('with weights in several shards are loaded', async () => {
    writeShards();
    const model = await layers.loadLayersModel(urlOf('model.json'));
    expect(predictionOf(model)).toEqual(DENSE);
    expect(predictionOf(await layers.loadLayersModel(fileSystem(join(folder, 'model.json'))))).toEqual(DENSE);
  });

  test('with a graph are loaded, and saved again with all that they say', async () => {
    writeGraph();
    const model = await loadGraphModel(urlOf('model.json'));
    expect(predictionOf(model)).toEqual(PRODUCT);
    expect(model.metadata).toEqual({ source: 'test' });
    const before = readJson('model.json');
    await model.save(urlOf('copy'));
    const { weightsManifest, ...after } = JSON.parse(
      readFileSync(join(folder, 'copy', 'model.json'), 'utf8'),
    );
    expect({ ...after, weightsManifest: before.weightsManifest }).toEqual(before);
    expect(weightsManifest).toEqual([{ ...before.weightsManifest[0], paths: ['weights.bin'] }]);
    expect(predictionOf(await loadGraphModel(urlOf('copy', 'model.json')))).toEqual(PRODUCT);
  });

  test('hold quantized numbers, text and several groups', async () => {
    const text = [...'né', 'x'].map((letter) => new TextEncoder().encode(letter));
    const strings = text.flatMap((bytes) => [bytes.length, 0, 0, 0, ...bytes]);
    const quantization = { dtype: 'uint8', scale: 0.5, min: -1 };
    write('a.bin', Uint8Array.of(0, 2, 4));
    write('b.bin', Uint8Array.from([...strings, ...bytesOf(BIAS)]));
    write('model.json', {
      modelTopology: {},
      weightsManifest: [
        { paths: ['a.bin'], weights: [{ name: 'q', shape: [3], dtype: 'float32', quantization }] },
        {
          paths: ['b.bin'],
          weights: [
            { name: 's', shape: [3], dtype: 'string' },
            { name: 'b', shape: [2], dtype: 'float32' },
          ],
        },
      ],
    });
    const { weightData = [], weightSpecs = [] } = await fileSystem(join(folder, 'model.json')).load();
    const { q, s, b } = tf.io.decodeWeights(weightData, weightSpecs);
    expect([...q.dataSync(), ...s.dataSync(), ...b.dataSync()]).toEqual([-1, 0, 1, 'n', 'é', 'x', 0.5, -0.5]);
  });

  test('need no weights', async () => {
    const artifacts = { modelTopology: { name: 'nothing' } };
    await fileSystem(folder).save(artifacts);
    expect(await fileSystem(join(folder, 'model.json')).load()).toMatchObject({
      ...artifacts,
      weightSpecs: [],
    });
  });

  test('may have the weights in several pieces of memory when they are saved', async () => {
    const [kernel, bias] = [KERNEL, BIAS].map((array) => array.slice().buffer);
    await fileSystem(folder).save({
      modelTopology: {},
      weightSpecs: WEIGHTS as [],
      weightData: [kernel, bias],
    });
    expect([...readFileSync(join(folder, 'weights.bin'))]).toEqual([...bytesOf(KERNEL), ...bytesOf(BIAS)]);
  });
});

describe('two paths', () => {
  const load = (...names: string[]) => fileSystem(names.map((name) => join(folder, name))).load();

  test('are a topology and the manifest of its weights', async () => {
    writeGraph();
    write('topology.json', GRAPH);
    write('binary.pb', Uint8Array.of(10, 3, 255));
    write('manifest.json', readJson('model.json').weightsManifest);
    const expected = {
      weightSpecs: [{ name: 'w', shape: [3, 2], dtype: 'float32' }],
      weightData: KERNEL.buffer,
    };
    expect(await load('topology.json', 'manifest.json')).toEqual({ modelTopology: GRAPH, ...expected });
    expect(await load('model.json', 'manifest.json')).toMatchObject({ signature: SIGNATURE, ...expected });
    const { modelTopology } = await load('binary.pb', 'manifest.json');
    expect(modelTopology).toEqual(Uint8Array.of(10, 3, 255).buffer);
  });

  test('are a model.json and its weights, in one file of any name', async () => {
    writeGraph();
    write('other.bin', bytesOf(KERNEL.map((value) => 2 * value)));
    const paths = ['model.json', 'other.bin'].map((name) => join(folder, name));
    expect(predictionOf(await loadGraphModel(fileSystem(paths)))).toEqual(PRODUCT.map((value) => 2 * value));
  });

  test('are not for saving', async () => {
    await expect(fileSystem(['a', 'b']).save({})).rejects.toThrow(
      'a model is saved to one folder, got ["a", "b"]',
    );
  });
});

describe('what is wrong is told', () => {
  const loading = (name = 'model.json') => layers.loadLayersModel(urlOf(name));

  test.each([
    ['no file', 'absent.json', /cannot load a model from .*absent\.json: there is no such file/],
    [
      'a folder',
      '',
      /cannot load a model from .*: it is a folder, where a file such as model\.json is expected/,
    ],
    ['no JSON', 'group1-shard1of2.bin', /group1-shard1of2\.bin is not JSON/],
    ['no model', 'array.json', /array\.json holds no model: it has neither a modelTopology nor/],
    ['a file for a folder', join('model.json', 'model.json'), /a part of the path is a file, not a folder/],
  ])('%s', async (_, name, message) => {
    writeShards();
    write('array.json', [1, 2]);
    await expect(loading(name)).rejects.toThrow(message);
  });

  test.each([
    [
      'a missing shard',
      { paths: ['group1-shard1of2.bin', 'absent.bin'] },
      /absent\.bin: there is no such file/,
    ],
    [
      'a truncated group',
      { paths: ['group1-shard1of2.bin'] },
      /shard1of2\.bin are truncated: .* 10 bytes.* tells of 32/,
    ],
    [
      'weights of another model',
      { weights: WEIGHTS.slice(0, 1) },
      /1of2\.bin to .*2of2\.bin belong to another model: the files have 32 bytes, and their manifest tells of 24/,
    ],
    [
      'a type that is unknown',
      { weights: [{ ...WEIGHTS[0], dtype: 'int4' }] },
      /"dense\/kernel" has the unknown type "int4"/,
    ],
    ['truncated text', { weights: [{ ...WEIGHTS[0], dtype: 'string' }] }, /are truncated/],
    [
      'no list of paths',
      { paths: 'weights.bin' },
      /model\.json: the manifest of the weights must be a list of groups/,
    ],
    ['no shape', { weights: [{ name: 'a', dtype: 'float32' }] }, /must be a list of groups/],
  ])('%s', async (_, change, message) => {
    writeShards();
    const [group] = readJson('model.json').weightsManifest;
    writeShards({ weightsManifest: [{ ...group, ...change }] });
    await expect(loading()).rejects.toThrow(message);
  });

  test('a file where a folder is to be', async () => {
    write('file', 'text');
    for (const path of [urlOf('file'), urlOf('file', 'below')]) {
      await expect(network().save(path)).rejects.toThrow(
        /cannot save a model to .*file.*, which must be a folder: /,
      );
    }
  });

  test('weights that are nowhere, and a topology that is not JSON, before anything is written', async () => {
    const { save } = fileSystem(join(folder, 'new'));
    await expect(save({ modelTopology: {}, weightSpecs: WEIGHTS as [] })).rejects.toThrow(
      'no memory that holds them',
    );
    await expect(save({ modelTopology: new ArrayBuffer(4) })).rejects.toThrow('model.json holds JSON');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a failure to write leaves what was there', async () => {
    await network().save(urlOf());
    const before = readFileSync(join(folder, 'model.json'), 'utf8');
    rmSync(join(folder, 'weights.bin'));
    mkdirSync(join(folder, 'weights.bin'));
    await expect(network().save(urlOf())).rejects.toThrow();
    expect(readdirSync(folder).sort()).toEqual(['model.json', 'weights.bin']);
    expect(readFileSync(join(folder, 'model.json'), 'utf8')).toBe(before);
  });

  test.each(['models/my', '/tmp/my', '.\\my', 'C:\\my', 'file:/tmp/my'])(
    '%s, which has no file://',
    async (path) => {
      const message = 'is no URL: to save or load files, write file:// before the path';
      await expect(network().save(path)).rejects.toThrow(message);
      await expect(layers.loadLayersModel(path)).rejects.toThrow(message);
      await expect(loadGraphModel(path)).rejects.toThrow(message);
    },
  );

  test.each([1, undefined, [], ['a', 'b', 'c'], ['a', 1]])('%j, which is no path', (path) => {
    expect(() => fileSystem(path as never)).toThrow(/fileSystem takes one path or two, got /);
  });
});

describe('a URL', () => {
  test.each([
    ['file:///tmp/a%20b', '/tmp/a b'],
    ['file:///tmp/a b', '/tmp/a b'],
    ['file:///tmp/a#1?x', '/tmp/a#1?x'],
    ['file:///tmp/a%', '/tmp/a%'],
    ['file:///tmp/a%2Fb', '/tmp/a%2Fb'],
    ['file:///tmp/b/../ä', '/tmp/ä'],
    ['file://./relative/x', join(process.cwd(), 'relative/x')],
    ['file://../x', join(process.cwd(), '../x')],
    ['file://model/dir', join(process.cwd(), 'model/dir')],
  ])('%s is %s', (url, path) => expect(pathOf(url, false)).toBe(path));

  test.each([
    ['file:///C:/models/a%20b', 'C:\\models\\a b'],
    ['file://C:/models/a', 'C:\\models\\a'],
    ['file://C:\\models\\a%20b', 'C:\\models\\a%20b'],
    ['file:///c:/models/b/../a', 'c:\\models\\a'],
    ['file:///C:\\models/../a', 'C:\\a'],
    ['file://./a', win32.resolve('a')],
  ])('on Windows %s is %s', (url, path) => expect(pathOf(url, true)).toBe(path));

  test('is what pathToFileURL makes of a path, whatever is in it', async () => {
    const path = join(folder, 'a b#c?d%20e');
    await network().save(pathToFileURL(path).href);
    expect(readdirSync(path)).toHaveLength(2);
    await layers.loadLayersModel(pathToFileURL(join(path, 'model.json')).href);
    await layers.loadLayersModel(`file://./${relative(process.cwd(), join(path, 'model.json'))}`);
  });
});

describe('other handlers', () => {
  const handlersOf = (url: string | string[]) => [
    tf.io.getLoadHandlers(url).length,
    tf.io.getSaveHandlers(url as string).length,
  ];

  test('keep what is theirs', () => {
    expect(handlersOf('file:///a')).toEqual([1, 1]);
    expect(handlersOf(['file:///a', 'file:///b'])).toEqual([1, 1]);
    expect(handlersOf('unknown://a')).toEqual([0, 0]);
    expect(tf.io.getLoadHandlers('model.json', { fetchFunc: fetch })).toEqual([]);
  });

  test('of tfjs-node are left alone, also where they come later', () => {
    const theirs = { load: async () => ({}), save: async () => Promise.reject(new Error()) };
    let isThere = true;
    // Its type does not say that null is for URLs of others.
    const router = ((url: string) =>
      isThere && url.startsWith('file://') ? theirs : null) as () => typeof theirs;
    tf.io.registerLoadRouter(router);
    tf.io.registerSaveRouter(router);
    expect(tf.io.getLoadHandlers('file:///a')).toEqual([theirs]);
    expect(tf.io.getSaveHandlers('file:///a')).toEqual([theirs]);
    isThere = false;
    expect(handlersOf('file:///a')).toEqual([1, 1]);
  });
});
