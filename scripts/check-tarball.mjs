// The package is one tarball for all platforms, of at most 16 MB: beyond that each platform would be a package of its own.
// A binary has at most 6 MB: three targets of some 500 kernels and 33 rules, a third of it compressed.
// `--complete`, before it is published: it holds a binary for every platform and names its repository.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './shell.mjs';

const BUDGET = 16e6;
const BINARY_BUDGET = 6e6;
const PLATFORMS = ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64', 'win32-arm64', 'win32-x64'];

const { ok, output } = run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error']);
if (!ok) throw new Error(output);
const [{ size, files }] = JSON.parse(output);
const binaries = files
  .map(({ path }) => /^prebuilds\/(.*)\/lockstep\.node$/.exec(path)?.[1])
  .filter((name) => name !== undefined);
const lacks = PLATFORMS.filter((name) => !binaries.includes(name));

console.log(
  `The package has ${(size / 1e6).toFixed(1)} MB, with binaries for ${binaries.join(', ') || 'no platform'}.`,
);
if (size > BUDGET) {
  console.error(`It may have ${BUDGET / 1e6} MB.`);
  process.exitCode = 1;
}
for (const { path, size: bytes } of files.filter(({ path }) => path.endsWith('.node'))) {
  if (bytes > BINARY_BUDGET) {
    console.error(`${path} has ${bytes} bytes, and may have ${BINARY_BUDGET}.`);
    process.exitCode = 1;
  }
}
if (process.argv.includes('--complete')) {
  if (lacks.length > 0) {
    console.error(`It has none for ${lacks.join(', ')}.`);
    process.exitCode = 1;
  }
  const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  if (!repository) {
    console.error(
      'package.json must have a "repository", { "type": "git", "url": "git+https://github.com/<owner>/<name>.git" }: npm takes ' +
        'no provenance from a workflow that runs in another.',
    );
    process.exitCode = 1;
  }
}
