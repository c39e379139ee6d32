// The package as a user gets it: packed, unpacked into an empty project, and loaded in every way.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as checkpoint from '../../src/checkpoint/index.js';
import * as data from '../../src/data/index.js';
import * as distributed from '../../src/distributed/index.js';
import * as source from '../../src/index.js';
import * as interop from '../../src/interop/index.js';
import * as mlMatrix from '../../src/ml-matrix/index.js';
import * as nn from '../../src/nn/index.js';
import * as schedule from '../../src/schedule/index.js';
import * as tfjs from '../../src/tfjs/index.js';
import * as train from '../../src/train/index.js';
import { BUILT, hasBinary, install, linkPeers, SHIPPED } from './installed.js';

const ALLOWED =
  /^(dist\/.*|docs\/[a-z-]+\.(md|schema\.json)|prebuilds\/[a-z0-9-]+\/lockstep\.node|README\.md|LICENSE|CHANGELOG\.md|package\.json)$/;

const project = mkdtempSync(join(tmpdir(), 'lockstep-install-'));
const installed = join(project, 'node_modules', 'lockstep');
const shipped = join(installed, SHIPPED);
let files: readonly string[] = [];

afterAll(() => rmSync(project, { recursive: true }));

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = project): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, LOCKSTEP_TARGET: '', LOCKSTEP_BINARY: '', ...env },
  });
  expect(status, stdout + stderr).toBe(0);
  return stdout.trim();
}

function evaluate(type: 'module' | 'commonjs', code: string, env?: NodeJS.ProcessEnv): unknown {
  return JSON.parse(run(process.execPath, [`--input-type=${type}`, '-e', code], env));
}

/** In alphabetical order, as Node has them. */
function namesOf(module: object): string[] {
  return Object.keys(module).sort();
}

describe.skipIf(!existsSync('dist'))('the packed package', () => {
  beforeAll(() => {
    files = install(project).files;
  });

  test('holds what it needs and nothing else', () => {
    expect(files.filter((path) => !ALLOWED.test(path))).toEqual([]);
    const needed = [
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'dist/index.js',
      'dist/index.d.ts',
      'dist/schedule/index.js',
      'dist/nn/index.js',
      'dist/train/index.js',
      'dist/data/index.js',
      'dist/tfjs/index.js',
      'dist/ml-matrix/index.js',
      'dist/checkpoint/index.js',
      'dist/interop/index.js',
      'dist/distributed/index.js',
      'dist/cli/main.js',
      'dist/cli/report/page.js',
      'dist/cli/report/page.css',
    ];
    expect(needed.filter((path) => !files.includes(path))).toEqual([]);
    expect(files.filter((path) => /(?<!\.d)\.ts$|\.map$|tsconfig|\/page\//.test(path))).toEqual([]);
  });

  test('has no links to what it does not hold', () => {
    const links = files
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) =>
        [...readFileSync(join(installed, path), 'utf8').matchAll(/\]\(([^)#\s]+)/g)]
          .map(([, target]) => target)
          .filter((target) => !/^[a-z]+:/.test(target))
          .map((target) => join(dirname(path), target)),
      );
    expect(links).toContain('CHANGELOG.md');
    expect(links.filter((link) => !existsSync(join(installed, link)))).toEqual([]);
  });

  test('runs nothing when it is installed, and needs no other package', () => {
    const { scripts, dependencies, gypfile } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([]);
    expect(dependencies).toBeUndefined();
    const imported = files
      .filter((path) => path.endsWith('.js'))
      .flatMap((path) =>
        readFileSync(join(installed, path), 'utf8').match(/(?<=\b(from|import) ?\(?['"])[\w@][^'"]*/g),
      );
    expect(imported.filter((name) => name !== null && !name.startsWith('node:'))).toEqual([]);
    // npm would otherwise compile binding.gyp by itself.
    expect(gypfile).toBe(false);
  });

  describe('without the packages that an entry needs', () => {
    const messageOf = `({ message }) => console.log(JSON.stringify(message))`;
    const told = (entry: string) => [
      evaluate('module', `import('${entry}').catch(${messageOf})`),
      evaluate('commonjs', `try { require('${entry}') } catch (error) { (${messageOf})(error) }`),
    ];

    const peers = [
      [
        'lockstep/tfjs',
        '@tensorflow/tfjs-core',
        'npm install @tensorflow/tfjs-core@4 @tensorflow/tfjs-backend-cpu@4',
      ],
      ['lockstep/ml-matrix', 'ml-matrix', 'npm install ml-matrix@6'],
    ];

    test.each(peers)('%s says what to install', (entry, peer, command) => {
      const message = `${entry} needs ${peer}, which is not installed here: ${command}`;
      expect(told(entry)).toEqual([message, message]);
    });

    test.each(peers)('%s says which version it needs', (entry, peer, command) => {
      const other = join(project, 'node_modules', peer);
      mkdirSync(other, { recursive: true });
      writeFileSync(join(other, 'index.js'), "exports.version_core = '3.21.0';");
      expect(told(entry)).toEqual(
        Array(2).fill(expect.stringMatching(/version \d of .* found another one: npm/)),
      );
      expect(told(entry)[0]).toContain(`${peer}, and found another one: ${command}`);
      rmSync(join(project, 'node_modules', peer.split('/')[0]), { recursive: true });
    });

    afterAll(() => linkPeers(project));
  });

  const modules = {
    lockstep: source,
    'lockstep/schedule': schedule,
    'lockstep/nn': nn,
    'lockstep/train': train,
    'lockstep/data': data,
    'lockstep/tfjs': tfjs,
    'lockstep/ml-matrix': mlMatrix,
    'lockstep/checkpoint': checkpoint,
    'lockstep/interop': interop,
    'lockstep/distributed': distributed,
  };
  const names = Object.values(modules).map(namesOf);
  const paths = JSON.stringify(Object.keys(modules));

  test('can be imported', () => {
    const code = `const all = await Promise.all(${paths}.map((path) => import(path)));
      console.log(JSON.stringify(all.map((names) => Object.keys(names))));`;
    expect(evaluate('module', code)).toEqual(names);
  });

  const examples = [...readFileSync('README.md', 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(
    ([, code]) => code,
  );

  test('has examples', () => expect(examples.length).toBeGreaterThan(4));

  test.each(examples)('runs the example of the README: %#', (code) => {
    const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
    const { outputText } = ts.transpileModule(code, { compilerOptions: options });
    run(process.execPath, ['--input-type=module', '-e', outputText]);
  });

  test('can be required', () => {
    const code = `console.log(JSON.stringify(${paths}.map((path) => Object.keys(require(path)))))`;
    expect(evaluate('commonjs', code)).toEqual(names.map((one) => expect.arrayContaining(one)));
  });

  test('is one copy for import and require', () => {
    const code = `import('lockstep').then(({ Adam, cosine }) => console.log(JSON.stringify([
      require('lockstep').Adam === Adam, require('lockstep/schedule').cosine === cosine])))`;
    expect(evaluate('commonjs', code)).toEqual([true, true]);
  });

  test('hides its other modules', () => {
    const code =
      "import('lockstep/dist/core/validate.js').then(() => console.log('0'), ({ code }) => console.log(JSON.stringify(code)))";
    expect(evaluate('module', code)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  const script = `import { Adam, currentTarget, diagnose } from 'lockstep';
    const w = { name: 'w', value: Float32Array.of(1, 2, 3), grad: Float32Array.of(1, -1, 0.5) };
    new Adam([w], { lr: 0.1 }).step();
    console.log(JSON.stringify([currentTarget(), [...w.value], diagnose().path]));`;
  const w = { name: 'w', value: Float32Array.of(1, 2, 3), grad: Float32Array.of(1, -1, 0.5) };
  new source.Adam([w], { lr: 0.1 }).step();
  const trained = [...w.value];

  test.skipIf(!hasBinary)('trains with the binary it ships', () => {
    expect(evaluate('module', script)).toEqual([source.targets()[0], trained, shipped]);
  });

  const dynamic = "import('lockstep').then(({ diagnose }) => console.log(JSON.stringify(diagnose().path)))";
  const required = "JSON.stringify(require('lockstep').diagnose().path)";
  const worker = `new (require('node:worker_threads').Worker)(${JSON.stringify(dynamic)}, { eval: true }), ''`;
  const withoutFile = [
    ['-e', dynamic],
    ['--input-type=module', '-e', dynamic],
    ['-e', `console.log(${required})`],
    ['-p', required],
    ['-p', worker],
  ];
  test.skipIf(!hasBinary).each(withoutFile)(
    'finds its binary for code without a file: node %s',
    (...args) => {
      const below = join(project, 'below');
      mkdirSync(below, { recursive: true });
      for (const cwd of [project, below]) {
        expect(JSON.parse(run(process.execPath, args, {}, cwd))).toBe(shipped);
      }
    },
  );

  test.skipIf(!hasBinary)('trains with the binary it is told, by a path from where it is run', () => {
    copyFileSync(BUILT, join(project, 'told.node'));
    const told = evaluate('module', script, { LOCKSTEP_BINARY: 'told.node' });
    expect(told).toEqual([source.targets()[0], trained, join(project, 'told.node')]);
  });

  test('trains without one', () => {
    // The third is where the binary is, if there is one.
    const forced = evaluate('module', script, { LOCKSTEP_TARGET: 'typescript' });
    expect(forced).toEqual(['typescript', trained, existsSync(shipped) ? shipped : null]);
    rmSync(join(installed, 'prebuilds'), { recursive: true, force: true });
    expect(evaluate('module', script)).toEqual(['typescript', trained, null]);
  });

  test('has a command that runs', () => {
    const cli = join(installed, 'dist', 'cli', 'main.js');
    expect(run(process.execPath, [cli, '--help'])).toContain('lockstep compare');
  });
});
