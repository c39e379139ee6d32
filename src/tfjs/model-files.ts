import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { io } from '@tensorflow/tfjs-core';
import { isObject, show } from '../core/validate.js';
import { writeWhole } from '../data/write-whole.js';
import { tf } from './peers.js';
import { type Group, readWeights } from './weight-files.js';

// The files of tfjs-node: model.json, and what it names, which lies beside it.

const MODEL = 'model.json';
const WEIGHTS = 'weights.bin';

/** What a model consists of beside its topology and weights: what is null is not written. */
const PARTS = [
  'trainingConfig',
  'signature',
  'userDefinedMetadata',
  'modelInitializer',
  'initializerSignature',
] as const;

/** Writes a model into a folder, which is made where there is none. The weights come first: model.json is then right. */
export async function writeModel(folder: string, artifacts: io.ModelArtifacts): Promise<io.SaveResult> {
  const { modelTopology, weightSpecs = [], format, generatedBy, convertedBy } = artifacts;
  if (modelTopology instanceof ArrayBuffer) {
    throw new Error('a model with a topology in binary form cannot be saved to files: model.json holds JSON');
  }
  const weights = buffersOf(artifacts);
  const model = {
    modelTopology,
    weightsManifest: [{ paths: [WEIGHTS], weights: weightSpecs }],
    format,
    generatedBy,
    convertedBy,
    ...Object.fromEntries(PARTS.map((part) => [part, artifacts[part] ?? undefined])),
  };
  await makeFolder(folder);
  await writeWhole(join(folder, WEIGHTS), weights);
  await writeWhole(join(folder, MODEL), [Buffer.from(JSON.stringify(model))]);
  return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
}

/** The weights as one or several pieces of memory, none of them copied. */
function buffersOf({ weightData, weightSpecs = [] }: io.ModelArtifacts): Uint8Array[] {
  if (weightData === undefined && weightSpecs.length > 0) {
    throw new Error('the model has weights, and no memory that holds them: load it without streamWeights');
  }
  return [weightData ?? []].flat().map((buffer) => new Uint8Array(buffer));
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new Error(`cannot save a model to ${path}, which must be a folder: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** Reads a model from its model.json, and the weights from where it says that they are. */
export async function readModel(path: string): Promise<io.ModelArtifacts> {
  const model = await readJson(path);
  if (!isModel(model)) {
    throw new Error(`${path} holds no model: it has neither a modelTopology nor a weightsManifest`);
  }
  return artifactsOf(model, () => groupsOf(model.weightsManifest, path));
}

/**
 * Reads a model from a file with its topology and a second one: the manifest of its weights, if it is JSON, or else the
 * weights that the first one lists, in one piece.
 */
export async function readParts(topology: string, weights: string): Promise<io.ModelArtifacts> {
  if (weights.endsWith('.json')) {
    const weightsManifest = await readJson(weights);
    const bytes = await readBytes(topology);
    const json = parse(bytes);
    const model = isModel(json) ? json : { modelTopology: isObject(json) ? json : memoryOf(bytes) };
    return artifactsOf({ ...model, weightsManifest }, () => groupsOf(weightsManifest, weights));
  }
  const model = await readJson(topology);
  if (!isModel(model)) throw new Error(`${topology} does not list the weights that ${weights} is to hold`);
  return artifactsOf(model, () => {
    const specs = groupsOf(model.weightsManifest, topology).flatMap((group) => group.weights);
    return [{ files: [weights], weights: specs }];
  });
}

interface Model extends Record<string, unknown> {
  readonly weightsManifest?: unknown;
}

const isModel = (value: unknown): value is Model =>
  isObject(value) && (isObject(value.modelTopology) || value.weightsManifest != null);

/** A model as TensorFlow.js wants it. What the other parts are like, those look who take them. */
function artifactsOf(model: Model, groups: () => readonly Group[]): Promise<io.ModelArtifacts> {
  return tf.io.getModelArtifactsForJSON(model as unknown as io.ModelJSON, () =>
    readWeights(groups(), readBytes),
  );
}

/** The groups of weights of a manifest, whose files are relative to the folder of the file that it is in. */
function groupsOf(manifest: unknown, from: string): Group[] {
  if (!Array.isArray(manifest) || !manifest.every(isGroup)) {
    throw new Error(`${from}: the manifest of the weights must be a list of groups with paths and weights`);
  }
  return manifest.map(({ paths, weights }) => ({
    files: paths.map((path) => join(dirname(from), path)),
    weights,
  }));
}

function isGroup(value: unknown): value is io.WeightsManifestConfig[number] {
  if (!isObject(value)) return false;
  const { paths, weights } = value;
  const hasPaths = Array.isArray(paths) && paths.every((path) => typeof path === 'string');
  return hasPaths && Array.isArray(weights) && weights.every(isSpec);
}

function isSpec(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { name, shape, dtype } = value;
  const hasShape = Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  return typeof name === 'string' && typeof dtype === 'string' && hasShape;
}

async function readJson(path: string): Promise<unknown> {
  const json = parse(await readBytes(path));
  if (json === undefined) throw new Error(`${path} is not JSON, as model.json and manifests of weights are`);
  return json;
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

/** What the memory of a file is, without what may lie around it. */
function memoryOf({ buffer, byteOffset, byteLength }: Buffer): ArrayBufferLike {
  return buffer.slice(byteOffset, byteOffset + byteLength);
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Error(`cannot load a model from ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'there is a file of that name',
  EISDIR: 'it is a folder, where a file such as model.json is expected',
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is a file, not a folder',
};

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return show(error);
  const code = 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? error.message;
}
