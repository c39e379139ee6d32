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
  ([, code], i) => ({ code, name: `block-${i + 1}`, file: join(folder, `block-${i + 1}.mts`) }),
);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const { code, file } of blocks) writeFileSync(file, code);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(script: string, args: readonly string[] = []): string {
  return execFileSync(process.execPath, [script, ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('the package is built', () => {
  expect(existsSync(join(root, 'dist', 'index.js')), 'npm run build').toBe(true);
});

test('the blocks have the types they show', () => {
  const options = ['--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2022'];
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  expect(run(compiler, [...options, '--types', 'node', ...blocks.map(({ file }) => file)])).toBe('');
}, 120_000);

test.each(blocks.map(({ name }) => name))('%s runs', (name) => {
  expect(run(join(folder, `${name}.mjs`))).not.toBe('');
});
