// `npm run bench:load`: milliseconds from `import 'lockstep'` to the end of the first optimizer step, each in a process of its
// own, and what they go into. The programs are files, as users' are: Node's first import of a file takes 9 ms in `node -e`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spread } from './statistics.js';

const PROCESSES = 20;
const PROMISE = 12;

const entry = new URL('../dist/index.js', import.meta.url).href;
const STEP = `new SGD([{ value: new Float32Array(100), grad: new Float32Array(100) }], { lr: 0.1 }).step();`;

/** What counts: nothing else is in the way. */
const whole = `
const start = process.hrtime.bigint();
const { SGD } = await import(${JSON.stringify(entry)});
${STEP}
const times = [process.hrtime.bigint() - start];`;

/** The first module to be evaluated: all are read and compiled by then. */
const first = `data:text/javascript,globalThis.evaluated = process.hrtime.bigint();`;
const both = `data:text/javascript,import ${JSON.stringify(first)}; export * from ${JSON.stringify(entry)};`;

/**
 * Its parts. The addon that is opened again has been tested, and is mapped: the difference is the self-test, the mapping and
 * the pages that both touch first.
 */
const parts = `
const { dlopen } = process;
let [addon, again] = [0n, 0n];
process.dlopen = (module, ...words) => {
  const before = process.hrtime.bigint();
  dlopen.call(process, module, ...words);
  const opened = process.hrtime.bigint();
  dlopen.call(process, { exports: {} }, ...words);
  [addon, again] = [opened - before, process.hrtime.bigint() - opened];
};
const start = process.hrtime.bigint();
const { SGD } = await import(${JSON.stringify(both)});
const imported = process.hrtime.bigint();
${STEP}
const stepped = process.hrtime.bigint();
const times = [evaluated - start, imported - evaluated - addon - again, again, addon - again, stepped - imported];`;

const folder = mkdtempSync(join(tmpdir(), 'lockstep-load-'));

/** The path of a program that prints its `times` in milliseconds. */
function write(name: string, program: string): string {
  const path = join(folder, `${name}.mjs`);
  const report = 'console.log(JSON.stringify(times.map((time) => Number(time) / 1e6)));';
  writeFileSync(path, `${program}\n${report}`);
  return path;
}

function measure(path: string): number[] {
  const { stdout, stderr } = spawnSync(process.execPath, [path], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  const times: unknown = JSON.parse(stdout);
  return Array.isArray(times) ? times.map(Number) : [];
}

/** A whole process of Node.js that does nothing. */
function bare(): number {
  const start = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return performance.now() - start;
}

// By turns, so that what else the machine does falls on all of them.
const programs = [write('whole', whole), write('parts', parts)];
const rows = Array.from({ length: PROCESSES }, () => [...programs.flatMap(measure), bare()]);
rmSync(folder, { recursive: true });
const spreads = [
  'import to first step',
  '  read modules',
  '  evaluate modules',
  '  register the addon',
  '  map and self-test it',
  '  first step',
  'node -e 0',
].map((name, column) => ({ name, ...spread(rows.map((row) => row[column])) }));
for (const { name, low, median, high } of spreads) {
  const quartiles = `quartiles ${low.toFixed(1)} and ${high.toFixed(1)}`;
  console.log(`${name.padEnd(22)}${median.toFixed(1).padStart(5)} ms (${quartiles})`);
}
console.log(`Medians of ${PROCESSES} processes each.`);
console.log(`${spreads[0].median < PROMISE ? 'PASS' : 'SHORT'}  under ${PROMISE} ms`);
