import { posix, resolve, win32 } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { io } from '@tensorflow/tfjs-core';
import { show } from '../core/validate.js';
import { readModel, readParts, writeModel } from './model-files.js';
import { tf } from './peers.js';

const SCHEME = 'file://';

/**
 * Saves models to files and loads them, as `tf.io.fileSystem` of tfjs-node does, and the same files: `model.json`, and the weights
 * beside it, in `weights.bin` where a model is saved. `model.save('file:///tmp/model')` and
 * `tf.loadLayersModel('file:///tmp/model/model.json')` come here, too, where `lockstep/tfjs` is imported.
 *
 * Each file is written whole or not at all. Images are not read here: the npm package sharp decodes them, and
 * `tf.tensor3d(data, [height, width, channels], 'int32')` takes what its `raw().toBuffer()` returns.
 *
 * @param path to save to: a folder, which is made where there is none. To load from: the path of `model.json`, or two paths, of
 * a topology (JSON, or binary) and of the manifest of its weights (`.json`), or of `model.json` and of all its weights in one
 * file. A `file://` URL stands for its path. Relative ones start at the working folder.
 * @throws Error, from `save` and `load`, that says which file is missing, truncated, or not what it should be.
 */
export function fileSystem(path: string | readonly string[]): Required<io.IOHandler> {
  const paths = [path].flat();
  if (!paths.every((one) => typeof one === 'string') || paths.length < 1 || paths.length > 2) {
    throw new TypeError(`fileSystem takes one path or two, got ${show(path)}`);
  }
  const [first, second] = paths.map((one) => (isFileUrl(one) ? pathOf(one) : resolve(one)));
  return {
    load: () => (second === undefined ? readModel(first) : readParts(first, second)),
    async save(artifacts) {
      if (second !== undefined) throw new Error(`a model is saved to one folder, got ${show(path)}`);
      return writeModel(first, artifacts);
    },
  };
}

const isFileUrl = (url: string) => url.startsWith(SCHEME);

/**
 * The path that stands behind `file://`. That is percent-encoded where the whole is a URL as `pathToFileURL` prints it; tfjs-node
 * takes anything else, `file://./model` among it, for a path as it is.
 */
export function pathOf(url: string, windows = process.platform === 'win32'): string {
  const decoded = decode(url, windows);
  if (decoded !== null) return decoded;
  const path = url.slice(SCHEME.length);
  return windows ? win32.resolve(path.replace(/^[\\/](?=[a-z]:)/i, '')) : posix.resolve(path);
}

function decode(url: string, windows: boolean): string | null {
  // With two slashes only, the first name would be that of a computer.
  if (!url.startsWith(`${SCHEME}/`)) return null;
  try {
    const path = fileURLToPath(url, { windows });
    return pathToFileURL(path, { windows }).href === url ? path : null;
  } catch {
    return null;
  }
}

/** Who else, among all handlers of TensorFlow.js, takes the URL. */
let isAsking = false;

function isTaken(url: string | string[], handlersOf: (url: string | string[]) => io.IOHandler[]): boolean {
  isAsking = true;
  try {
    return handlersOf(url).length > 0;
  } finally {
    isAsking = false;
  }
}

/** A plain path, which TensorFlow.js would take for a part of the URL of a web page. */
const isPath = (url: string) => !/^[a-z][a-z\d+.-]+:/i.test(url) || /^file:(?!\/\/)/i.test(url);

function handlerOf(url: string | string[], options: io.LoadOptions | undefined): io.IOHandler | null {
  const urls = [url].flat();
  if (urls.every(isFileUrl)) return fileSystem(url);
  if (!urls.some(isPath) || options?.fetchFunc !== undefined) return null;
  const fail = async () => {
    throw new Error(`${show(url)} is no URL: to save or load files, write file:// before the path`);
  };
  return { load: fail, save: fail };
}

type Router = Parameters<typeof tf.io.registerLoadRouter>[0];

/** A router that leaves to tfjs-node what it takes, also where that is imported later. */
function routerOf(handlersOf: (url: string | string[]) => io.IOHandler[]): Router {
  const route = (url: string | string[], options?: io.LoadOptions) =>
    isAsking || isTaken(url, handlersOf) ? null : handlerOf(url, options);
  // The type does not say that null is for URLs of others.
  return route as Router;
}

/** Has TensorFlow.js save and load `file://` URLs here, unless tfjs-node or another copy of this package does so. */
export function registerFileSystem(): void {
  const { getLoadHandlers, getSaveHandlers, registerLoadRouter, registerSaveRouter } = tf.io;
  if (getLoadHandlers(SCHEME).length > 0) return;
  registerLoadRouter(routerOf(getLoadHandlers));
  registerSaveRouter(routerOf(getSaveHandlers));
}
