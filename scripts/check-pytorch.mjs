// Has PyTorch load models and optimizers that were trained here, and train them further: both must come to the same numbers.
// Needs a Python with torch: /usr/bin/python3, or LOCKSTEP_PYTHON.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, tool } from './shell.mjs';

const python = process.env.LOCKSTEP_PYTHON ?? '/usr/bin/python3';
const found = spawnSync(python, ['-c', 'import torch']);
if (found.status !== 0) {
  console.error(
    `Lockstep: ${python} has no torch, so nothing was checked: LOCKSTEP_PYTHON names another one.`,
  );
  process.exit(1);
}
const options = { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 };
const trained = spawnSync(
  process.execPath,
  [tool('tsx', 'tsx'), join('test', 'interop', 'round-trip.ts')],
  options,
);
if (trained.status !== 0) throw new Error(trained.stderr);
const { status } = spawnSync(python, [join('scripts', 'check-pytorch.py')], {
  ...options,
  input: trained.stdout,
  stdio: ['pipe', 'inherit', 'inherit'],
});
process.exitCode = status ?? 1;
