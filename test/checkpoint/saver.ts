import { join } from 'node:path';
import { save } from '../../src/checkpoint/index.js';

// Saves until it is killed: by turns 4 MB and 40, which go past the system's memory, and a number that all elements have. Run by
// scripts/check-checkpoints.mjs.

const [folder = '.', first = '0'] = process.argv.slice(2);
for (let step = Number(first); ; step++) {
  const value = new Float32Array((step % 2 === 0 ? 1 : 10) << 20).fill(step);
  await save(join(folder, `step-${step}.safetensors`), { step, value }, { keep: 3 });
  process.send?.(step);
}
