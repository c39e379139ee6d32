// Puts the addon that was just built where the package ships it: prebuilds/<platform>/lockstep.node.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { platform } from '../dist/backend/native.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const built = join(root, 'build', 'Release', 'lockstep.node');
const shipped = join(root, 'prebuilds', platform(), 'lockstep.node');

if (!existsSync(built)) {
  console.log(`Lockstep: there is no ${built}, so the package will hold no binary for ${platform()}.`);
} else {
  mkdirSync(dirname(shipped), { recursive: true });
  copyFileSync(built, shipped);
  const strip = process.platform === 'darwin' ? ['-x', shipped] : ['--strip-unneeded', shipped];
  if (process.platform !== 'win32' && spawnSync('strip', strip).status !== 0) {
    console.log('Lockstep: strip was not found; the binary keeps its symbols.');
  }
  console.log(shipped);
}
