import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

// Every ```ts block of the README compiles against the published types and runs against the built package, which a
// file inside of it imports by its own name.

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'build', 'readme');
const blocks = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```ts\n(.*?)```/gs)].map(
  ([, code], i) => ({ code, file: join(folder, `block-${i + 1}.mts`) }),
);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const { code, file } of blocks) writeFileSync(file, code);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, args: readonly string[]): string {
  return execFileSync(process.execPath, [join(root, 'node_modules', command), ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('the package is built', () => {
  expect(existsSync(join(root, 'dist', 'index.js')), 'npm run build').toBe(true);
});

test('the blocks have the types they show', () => {
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2022'];
  expect(run('typescript/bin/tsc', [...options, '--types', 'node', ...blocks.map(({ file }) => file)])).toBe(
    '',
  );
});

test.each(blocks.map(({ file }, i) => ({ file, i: i + 1 })))('block $i runs', ({ file }) => {
  expect(run('tsx/dist/cli.mjs', [file])).not.toBe('');
});
