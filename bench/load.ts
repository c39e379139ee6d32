// `npm run bench:load`: milliseconds from `import 'lockstep'` to the end of the first optimizer step, each in a process of its
// own, and of them those in which the addon is loaded and tests its target.
import { spawnSync } from 'node:child_process';
import { spread } from './statistics.js';

const PROCESSES = 20;
const PROMISE = 12;

const program = `
const { dlopen } = process;
let addon = 0;
process.dlopen = (...words) => {
  const start = process.hrtime.bigint();
  dlopen.apply(process, words);
  addon += Number(process.hrtime.bigint() - start);
};
const start = process.hrtime.bigint();
const { SGD } = await import(${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)});
new SGD([{ value: new Float32Array(100), grad: new Float32Array(100) }], { lr: 0.1 }).step();
console.log(JSON.stringify([process.hrtime.bigint() - start, addon].map((time) => Number(time) / 1e6)));`;

function measure(): [number, number] {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  const [whole, addon]: unknown[] = JSON.parse(stdout);
  return [Number(whole), Number(addon)];
}

const times = Array.from({ length: PROCESSES }, measure);
const [whole, addon] = [0, 1].map((part) => spread(times.map((time) => time[part])));
const text = ({ low, median, high }: typeof whole) =>
  `${median.toFixed(1)} ms (quartiles ${low.toFixed(1)} and ${high.toFixed(1)})`;
console.log(
  `import to first step  ${text(whole)}, median of ${PROCESSES} processes\nof it the addon       ${text(addon)}`,
);
console.log(`${whole.median < PROMISE ? 'PASS' : 'SHORT'}  under ${PROMISE} ms`);
