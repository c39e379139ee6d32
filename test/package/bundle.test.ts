// What bundlers make of the package: with it left out, or within and its binary beside, in the project, or nowhere.
import {
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import * as vite from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VERSION } from '../../src/core/version.js';
import { targets } from '../../src/index.js';
import { copyBinary, hasBinary, install, linkPeers, SHIPPED, start } from './installed.js';

const ENTRY = `import { currentTarget, diagnose } from 'lockstep';
  import { Linear, tensor } from 'lockstep/nn';
  import { linear } from 'lockstep/schedule';
  const rate = linear(0.5, { steps: 4 }).at(4);
  console.log(JSON.stringify([currentTarget(), diagnose().path, new Linear(2, 3).parameters().length, rate,
    tensor([1, -2]).add(1).relu().sum().item()]));`;

const WORKERS = `import { isMainThread, Worker } from 'node:worker_threads';
  import 'lockstep';
  if (isMainThread) for (let i = 0; i < 3; i++) new Worker(new URL(import.meta.url));`;

/** Entries that need packages which stay outside: a copy of TensorFlow.js within would have handlers of files of its own. */
const PEERS = `import * as tf from '@tensorflow/tfjs-core';
  import { Matrix } from 'ml-matrix';
  import { restore } from 'lockstep/ml-matrix';
  import { useBackend } from 'lockstep/tfjs';
  const { mmul } = Matrix.prototype;
  restore();
  console.log(JSON.stringify([tf.getBackend(), Array.from(tf.add([1], [2]).dataSync()),
    tf.io.getSaveHandlers('file:///model').length, mmul === Matrix.prototype.mmul, typeof useBackend]));`;
const PEER_NAMES = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu', 'ml-matrix'];

const root = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-bundle-')));
const project = join(root, 'project');
const [fastest] = targets();
const typescript = { printed: ['typescript', null, 2, 0.5, 2], warnings: ['[LOCKSTEP_TYPESCRIPT]'] };
const native = (path: string) => ({ printed: [fastest, path, 2, 0.5, 2], warnings: [], stderr: '' });

interface Bundler {
  readonly name: string;
  /** Of the file it writes. */
  readonly extension: string;
  /** What is external is left out of the bundle. */
  readonly bundle: (entry: string, outfile: string, external: readonly string[]) => Promise<unknown>;
}

const withEsbuild =
  (format: 'esm' | 'cjs') =>
  (entry: string, outfile: string, external: readonly string[]): Promise<unknown> =>
    esbuild.build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      format,
      logLevel: 'error',
      external: [...external],
    });

const withVite = (entry: string, outfile: string, external: readonly string[]): Promise<unknown> =>
  vite.build({
    root: project,
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true, external: [...external] },
    build: {
      ssr: entry,
      outDir: join(outfile, '..'),
      emptyOutDir: false,
      rolldownOptions: { output: { entryFileNames: 'bundle.mjs' } },
    },
  });

const BUNDLERS: readonly Bundler[] = [
  { name: 'esbuild, esm', extension: 'mjs', bundle: withEsbuild('esm') },
  { name: 'esbuild, cjs', extension: 'cjs', bundle: withEsbuild('cjs') },
  { name: 'Vite, ssr', extension: 'mjs', bundle: withVite },
];

beforeAll(() => {
  mkdirSync(project);
  install(project);
  linkPeers(project);
  writeFileSync(join(project, 'entry.mjs'), ENTRY);
  writeFileSync(join(project, 'peers.mjs'), PEERS);
  writeFileSync(join(project, 'workers.mjs'), WORKERS);
});
afterAll(() => rmSync(root, { recursive: true }));

/** A folder for the file of a bundle, two folders below one of its own. */
function emptyFolder(): string {
  const folder = join(mkdtempSync(join(root, 'alone-')), 'server', 'chunks');
  mkdirSync(folder, { recursive: true });
  return folder;
}

describe.skipIf(!existsSync('dist')).each(BUNDLERS)('a bundle by $name', ({ extension, bundle }) => {
  /** One that holds the package, where there is none above. */
  let inlined = '';
  beforeAll(async () => {
    inlined = join(emptyFolder(), `bundle.${extension}`);
    await bundle(join(project, 'entry.mjs'), inlined, []);
  });

  function copyTo(folder: string): string {
    const path = join(folder, `bundle.${extension}`);
    copyFileSync(inlined, path);
    return path;
  }

  test('runs in TypeScript where there is no binary, and says once why', () => {
    const { stderr, ...rest } = start([inlined]);
    expect(rest).toEqual(typescript);
    expect(stderr).toContain(`${join(inlined, '..', 'lockstep.node')}: no such file`);
    expect(stderr).toContain(`copy ${SHIPPED}`);
  });

  test('says nothing to those who want TypeScript, or quiet', () => {
    for (const env of [{ LOCKSTEP_TARGET: 'typescript' }, { LOCKSTEP_QUIET: '1' }]) {
      expect(start([inlined], env)).toEqual({ printed: typescript.printed, warnings: [], stderr: '' });
    }
  });

  test.each([
    ['within', []],
    ['outside too', ['lockstep/tfjs', 'lockstep/ml-matrix']],
  ])('shares TensorFlow.js and ml-matrix, which stay outside, with the package %s', async (_, external) => {
    const path = join(project, 'peers', `bundle.${extension}`);
    await bundle(join(project, 'peers.mjs'), path, [...PEER_NAMES, ...external]);
    const text = readFileSync(path, 'utf8');
    expect(text).toMatch(/(from ?|require\()["']@tensorflow\/tfjs-core["']/);
    expect(text).not.toContain('class KernelBackend');
    const quiet = { LOCKSTEP_QUIET: '1' };
    expect(start([path], quiet).printed).toEqual(['lockstep', [3], 1, false, 'function']);
  });

  describe.skipIf(!hasBinary)('with a binary', () => {
    test('takes that of the package where it leaves this out', async () => {
      const path = join(project, 'external', `bundle.${extension}`);
      await bundle(join(project, 'entry.mjs'), path, ['lockstep', 'lockstep/nn', 'lockstep/schedule']);
      expect(readFileSync(path, 'utf8').length).toBeLessThan(2000);
      expect(start([path])).toEqual(native(join(project, 'node_modules', 'lockstep', SHIPPED)));
    });

    test('takes that of the package where this is installed', () => {
      const folder = join(project, 'inlined');
      mkdirSync(folder, { recursive: true });
      expect(start([copyTo(folder)])).toEqual(native(join(project, 'node_modules', 'lockstep', SHIPPED)));
    });

    test.each(['lockstep.node', SHIPPED])('takes %s beside it', (name) => {
      const folder = emptyFolder();
      copyBinary(join(folder, name));
      expect(start([copyTo(folder)])).toEqual(native(join(folder, name)));
    });

    test('takes none from the folders above', () => {
      const folder = emptyFolder();
      for (const above of [join(folder, '..'), join(folder, '..', '..')]) {
        for (const name of ['lockstep.node', SHIPPED, join('build', 'Release', 'lockstep.node')]) {
          copyBinary(join(above, name));
        }
      }
      expect(start([copyTo(folder)])).toMatchObject(typescript);
    });

    test('takes none from another version of the package', () => {
      const folder = emptyFolder();
      addPackage(join(folder, '..'), '9.9.9');
      const { stderr, ...rest } = start([copyTo(folder)]);
      expect(rest).toEqual(typescript);
      expect(stderr).toContain(`is of lockstep 9.9.9, expected lockstep ${VERSION}`);
    });

    test.skipIf(process.getuid?.() !== 0)('takes none that another user put there', () => {
      const [below, beside] = [emptyFolder(), emptyFolder()];
      const manifest = addPackage(join(below, '..', '..'), VERSION);
      expect(start([copyTo(below)]).printed[0]).toBe(fastest);
      chownSync(manifest, 65534, 65534);
      copyBinary(join(beside, 'lockstep.node'));
      chownSync(join(beside, 'lockstep.node'), 65534, 65534);
      for (const folder of [below, beside]) {
        const { stderr, ...rest } = start([copyTo(folder)]);
        expect(rest).toEqual(typescript);
        expect(stderr).toContain('belongs to another user (65534)');
      }
    });
  });
});

/** A package with a binary, and next to nothing else. */
function addPackage(folder: string, version: string): string {
  const manifest = join(folder, 'node_modules', 'lockstep', 'package.json');
  copyBinary(join(manifest, '..', SHIPPED));
  writeFileSync(manifest, JSON.stringify({ name: 'lockstep', version }));
  return manifest;
}

describe.skipIf(!existsSync('dist'))('a warning', () => {
  test('is given once for all threads', async () => {
    const path = join(emptyFolder(), 'workers.mjs');
    await withEsbuild('esm')(join(project, 'workers.mjs'), path, []);
    expect(start([path]).warnings).toEqual(typescript.warnings);
  });

  const nowhere = join(root, 'nowhere.node');
  const text = join(root, 'text.node');
  writeFileSync(text, 'not a library');

  test.skipIf(!hasBinary).each([
    [nowhere, 'no such file'],
    [text, 'file too short|invalid ELF|not a mach-o|not a valid Win32'],
  ])('tells that LOCKSTEP_BINARY was passed over: %s', (path, why) => {
    const { stderr, ...rest } = start([join(project, 'entry.mjs')], { LOCKSTEP_BINARY: path });
    const shipped = join(project, 'node_modules', 'lockstep', SHIPPED);
    expect(rest).toEqual({ printed: [fastest, shipped, 2, 0.5, 2], warnings: ['[LOCKSTEP_BINARY]'] });
    expect(stderr).toMatch(new RegExp(`${path}: .*(${why})`));
    expect(stderr).toContain(`It uses ${shipped}`);
  });

  test('tells it together with the rest where nothing could be loaded', async () => {
    const path = join(emptyFolder(), 'bundle.mjs');
    await withEsbuild('esm')(join(project, 'entry.mjs'), path, []);
    const { stderr, ...rest } = start([path], { LOCKSTEP_BINARY: nowhere });
    expect(rest).toEqual(typescript);
    expect(stderr).toContain(`${nowhere}: no such file`);
  });
});
