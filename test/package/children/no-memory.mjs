// There is no memory for a copy of the indices: the call says so, has written nothing, and the next one works.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { addon } from './adam.mjs';

// The system need not have what is never written.
const rows = 2 ** 28;
const source = Float32Array.of(3);
// Of memory that another thread may write to, which has to be copied.
const indices = new Int32Array(new SharedArrayBuffer(4 * rows));
const out = new Float32Array(rows);

const kilobytes = Number(/VmSize:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
execFileSync('prlimit', ['--pid', String(process.pid), `--as=${kilobytes * 1024 + 2 ** 29}`]);
try {
  addon.kernels.gatherRows(rows, 1, 1, source, indices, out);
  console.log('done');
} catch (error) {
  console.log(String(error), out[0]);
}
addon.kernels.gatherRows(2, 1, 1, source, indices, out);
console.log(out.subarray(0, 3).join(' '));
