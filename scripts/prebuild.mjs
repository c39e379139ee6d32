// Puts the addon that was just built where the package ships it: prebuilds/<platform>/lockstep.node.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { platform } from '../dist/backend/places.js';
import { root, run } from './shell.mjs';

const built = join(root, 'build', 'Release', 'lockstep.node');
const shipped = join(root, 'prebuilds', platform(), 'lockstep.node');

/** The oldest C library that can load it: the one of the machine that builds decides. */
function neededLibrary() {
  if (process.platform !== 'linux') return '';
  const versions = run('objdump', ['-T', shipped]).output.match(/(?<=GLIBC_2\.)\d+/g) ?? [];
  return versions.length === 0
    ? ''
    : ` to systems with glibc 2.${Math.max(...versions.map(Number))} or later`;
}

if (!existsSync(built)) {
  console.log(`Lockstep: there is no ${built}, so the package will hold no binary for ${platform()}.`);
  if (process.env.npm_command === 'publish') process.exitCode = 1;
} else {
  mkdirSync(dirname(shipped), { recursive: true });
  copyFileSync(built, shipped);
  const strip = process.platform === 'darwin' ? ['-x', shipped] : ['--strip-unneeded', shipped];
  if (process.platform !== 'win32' && !run('strip', strip).ok) {
    console.log('Lockstep: there is no strip here; the binary keeps its symbols.');
  }
  console.log(`Lockstep: ${relative(root, shipped)} is ready to ship${neededLibrary()}.`);
}
