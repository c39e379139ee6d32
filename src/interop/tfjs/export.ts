import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { readShape, sizeOf } from '../../core/shapes.js';
import { checkBoolean, show } from '../../core/validate.js';
import { VERSION } from '../../core/version.js';
import { LSTM, Module, RNN, Sequential } from '../../nn/index.js';
import type { AnyModule } from '../../nn/layers/module.js';
import { layersOf } from './layers.js';

/** See {@link toTensorFlowJs}. */
export interface ToTensorFlowJsOptions {
  /** A folder, made where there is none, for `model.json` and `weights.bin`. Default: no file is written. */
  readonly path?: string;
  /**
   * Whether the last recurrent layer gives the state behind every step, as its `output`, or the one behind the last step alone, as its
   * `hidden` (both directions of the last layer side by side). Default true.
   */
  readonly returnSequences?: boolean;
}

const OPTIONS: OptionNames<ToTensorFlowJsOptions> = { path: true, returnSequences: true };

/** A model as `tf.io.fromMemory` takes it. */
export interface TensorFlowJsModel {
  readonly format: 'layers-model';
  readonly generatedBy: string;
  readonly modelTopology: object;
  readonly weightSpecs: { name: string; shape: number[]; dtype: 'float32' }[];
  readonly weightData: ArrayBuffer;
}

/**
 * A `Sequential`, or modules one after the other, as a layers model of TensorFlow.js, in float32: `tf.loadLayersModel` takes the folder's `model.json`, or
 * `tf.io.fromMemory(model)`.
 *
 * Layers: `Linear`, `Conv1d`, `Conv2d`, `ConvTranspose2d`, pooling, `BatchNorm1d`, `BatchNorm2d`, `LayerNorm`, `Embedding`, `Dropout`,
 * `Flatten`, `Softmax`, activations, and a `Sequential` of these, with the options that both have. In a list also `LSTM` and `RNN` with
 * `batchFirst`, whose output the next module takes; no `GRU`, which TensorFlow.js has in another form alone.
 * @param inputShape lengths of a sample, without the batch: [height, width, channels].
 * @throws Error naming the module that TensorFlow.js has no layer for.
 */
export function toTensorFlowJs(
  model: Sequential | readonly AnyModule[],
  inputShape: readonly number[],
  options: ToTensorFlowJsOptions = {},
): TensorFlowJsModel {
  const modules = modulesIn(model);
  const shape = readShape('inputShape', inputShape, 1);
  checkOptions('toTensorFlowJs', options, OPTIONS);
  const { path, returnSequences = true } = options;
  checkBoolean('returnSequences', returnSequences);
  const lastRecurrent = modules.findLastIndex((module) => module instanceof LSTM || module instanceof RNN);
  const found = modules.flatMap((module, i) =>
    layersOf(module, Array.isArray(model) ? `${i}` : '', returnSequences || i !== lastRecurrent),
  );
  const layers = found.map((layer, i) => ({
    ...layer,
    name: `${layer.className.toLowerCase()}_${i}`,
  }));
  const input = { batch_input_shape: [null, ...shape], dtype: 'float32', sparse: false, name: 'input' };
  const topology = {
    class_name: 'Sequential',
    config: {
      name: 'sequential',
      layers: [
        { class_name: 'InputLayer', config: input },
        ...layers.map(({ className, config, name }) => ({
          class_name: className,
          config: { name, trainable: true, ...config },
        })),
      ],
    },
    keras_version: 'lockstep',
    backend: 'tensor_flow.js',
  };
  const weights = layers.flatMap((layer) =>
    layer.weights.map((weight) => ({ ...weight, name: `${layer.name}/${weight.name}` })),
  );
  const data = new Float32Array(weights.reduce((sum, weight) => sum + sizeOf(weight.shape), 0));
  let at = 0;
  for (const { value } of weights) {
    data.set(value, at);
    at += value.length;
  }
  const made: TensorFlowJsModel = {
    format: 'layers-model',
    generatedBy: `lockstep ${VERSION}`,
    modelTopology: topology,
    weightSpecs: weights.map((weight) => ({ name: weight.name, shape: [...weight.shape], dtype: 'float32' })),
    weightData: data.buffer,
  };
  if (path !== undefined) write(path, made);
  return made;
}

function modulesIn(model: Sequential | readonly AnyModule[]): readonly AnyModule[] {
  const given: unknown = model;
  if (given instanceof Sequential) return [given];
  if (Array.isArray(given) && given.every((one): one is AnyModule => one instanceof Module)) return given;
  throw new TypeError(`model must be a Sequential or an array of modules, got ${show(model)}`);
}

function write(path: string, { weightSpecs, weightData, ...rest }: TensorFlowJsModel): void {
  mkdirSync(path, { recursive: true });
  const manifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
  const json = { ...rest, convertedBy: null, weightsManifest: manifest };
  writeFileSync(join(path, 'weights.bin'), new Uint8Array(weightData));
  writeFileSync(join(path, 'model.json'), JSON.stringify(json));
}
