// `node scripts/optimizer-passes.mjs` notes the speed of optimizers that take several passes in scripts/optimizer-speeds.json: billions of
// parameters a second on one thread, the mean over so many steps that what is done at some of them has its share. No loop over their
// memory is beside them, which would say little.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as lockstep from 'lockstep';
import { root } from './shell.mjs';

const STEPS = 20;
const ONE = [4096];
// Products of matrices take the cube of a side.
const FOUR = [512, 512, 512, 512];
const SIDES = {
  SparseAdam: ONE,
  LAMB: ONE,
  LARS: ONE,
  Adafactor: ONE,
  Muon: FOUR,
  Shampoo: FOUR,
  SOAP: FOUR,
};

function speedOf(name, sides) {
  const params = sides.map((side) => ({
    value: new Float32Array(side * side).fill(0.5),
    grad: Float32Array.from({ length: side * side }, (_, i) => Math.sin(i * 0.7 + side)),
    shape: [side, side],
  }));
  const optimizer = new lockstep[name](params);
  for (let step = 0; step < STEPS / 10; step++) optimizer.step();
  const begin = performance.now();
  for (let step = 0; step < STEPS; step++) optimizer.step();
  const seconds = (performance.now() - begin) / 1000;
  const size = params.reduce((sum, { value }) => sum + value.length, 0);
  return Number(((size * STEPS) / seconds / 1e9).toPrecision(2));
}

lockstep.useThreads(1);
const path = join(root, 'scripts', 'optimizer-speeds.json');
const { machine, speeds } = JSON.parse(readFileSync(path, 'utf8'));
const passes = Object.fromEntries(Object.entries(SIDES).map(([name, sides]) => [name, speedOf(name, sides)]));
console.log(passes);
const lines = (rows) =>
  Object.entries(rows)
    .map(([name, row]) => `    "${name}": ${JSON.stringify(row).replace(',', ', ')}`)
    .join(',\n');
writeFileSync(
  path,
  `{\n  "machine": ${JSON.stringify(machine)},\n  "speeds": {\n${lines(speeds)}\n  },\n  "passes": {\n${lines(passes)}\n  }\n}\n`,
);
