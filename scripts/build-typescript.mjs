// Builds dist/: the bundled modules and their declarations, what require() gets, and what the HTML report inlines.
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { plainNames } from './plain-names.mjs';
import { bundlePage } from './report-page.mjs';
import { root, run, seconds, tool } from './shell.mjs';

const target = join(root, 'dist');

/**
 * Beside the entries of package.json: the command, what the build asks of it, what the threads of loaders and studies run, and
 * the kernels alone, for bench/ and scripts/.
 */
const INTERNAL = [
  'cli/main',
  'cli/compare/claims/findings',
  'cli/compare/worker',
  'train/samples/worker',
  'backend/select',
];

/** The entries that never load the addon. */
const WITHOUT_ADDON = ['schedule/index', 'cli/main'];

/** What is imported only when asked for: a chunk of its own, which loads the addon. */
const ON_DEMAND = ['cli/commands', 'cli/compare/compare', 'cli/find-rate/find-rate'];

/** Checks the types and writes the declarations. */
function declare() {
  rmSync(target, { recursive: true, force: true });
  const { ok, output } = run(process.execPath, [tool('typescript', 'tsc'), '-p', 'tsconfig.build.json']);
  if (!ok) console.error(`${output}Lockstep: the TypeScript build failed; the messages above say why.`);
  return ok;
}

/**
 * Node takes half a millisecond to find, read and link a module, however small it is: what an entry imports is a few chunks,
 * which the entries share. Functions and classes keep their names: esbuild calls some otherwise, and says so in `__name`.
 */
async function bundle() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const entries = Object.values(exports).flatMap(
    (entry) => /^\.\/dist\/(.*)\.js$/.exec(entry.import?.default)?.[1] ?? [],
  );
  const { outputFiles } = await build({
    absWorkingDir: root,
    write: false,
    entryPoints: [...entries, ...INTERNAL].map((entry) => `src/${entry}.ts`),
    outbase: 'src',
    outdir: 'dist',
    chunkNames: 'chunks/[hash]',
    bundle: true,
    splitting: true,
    keepNames: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    charset: 'utf8',
    packages: 'external',
    plugins: [oneCore(entries)],
  });
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, plainNames(text));
  }
}

/**
 * A chunk is what the same entries reach. Each that loads the addon reaches all of `lockstep` here, so that this is one
 * chunk, not one for every combination of entries.
 */
function oneCore(entries) {
  const users = [...entries, ...INTERNAL, ...ON_DEMAND].filter(
    (entry) => entry !== 'index' && !WITHOUT_ADDON.includes(entry),
  );
  const paths = new Set(users.map((entry) => join(root, 'src', `${entry}.ts`)));
  const core = JSON.stringify(join(root, 'src', 'index.ts'));
  return {
    name: 'one-core',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) =>
        paths.has(path)
          ? { contents: `${readFileSync(path, 'utf8')}\nimport ${core};`, loader: 'ts' }
          : undefined,
      );
    },
  };
}

/** The page of the report is no module: its script and its styles are written into the report. */
async function addPage() {
  const { script, style } = await bundlePage();
  writeFileSync(join(target, 'cli', 'report', 'page.js'), script);
  writeFileSync(join(target, 'cli', 'report', 'page.css'), style);
}

/** What is found of small problems is the same for every report: it is computed here, once. */
async function addFindings() {
  const { exactFindings } = await import(
    pathToFileURL(join(target, 'cli', 'compare', 'claims', 'findings.js'))
  );
  writeFileSync(join(target, 'cli', 'report', 'claims.json'), `${JSON.stringify(exactFindings())}\n`);
}

/**
 * What `require('lockstep')` gets: the same modules, through a file in CommonJS, so that there is one copy of them. The
 * declarations say again what is in them, for TypeScript takes those in dist/ for modules that CommonJS cannot require.
 */
function addRequire() {
  const folder = join(target, 'cjs');
  const files = readdirSync(target, { recursive: true, encoding: 'utf8' });
  for (const path of files.filter((path) => path.endsWith('.d.ts') && !path.startsWith('cli'))) {
    cpSync(join(target, path), join(folder, path));
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const entry of Object.values(exports).filter((entry) => entry.require !== undefined)) {
    const path = entry.require.default;
    const module = posix.relative(posix.dirname(path), entry.import.default);
    writeFileSync(join(root, path), `module.exports = require('${module}');\n`);
  }
}

const start = performance.now();
if (declare()) {
  await bundle();
  await addPage();
  await addFindings();
  addRequire();
  chmodSync(join(target, 'cli', 'main.js'), 0o755);
  console.log(`Lockstep: dist/ is built (${seconds(start)}).`);
} else {
  process.exitCode = 1;
}
