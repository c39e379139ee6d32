// Puts binaries where the package ships them, prebuilds/<platform>-<arch>/lockstep.node: the one that was just built and,
// where there is a cross compiler, that of Linux on arm64.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { platform } from '../dist/backend/select.js';
import { ARM64_COMPILER, ARM64_OPTIONS, build, folderOf, isX64Linux, missing } from './cmake.mjs';
import { root, run } from './shell.mjs';

const built = join(root, 'build', 'Release', 'lockstep.node');

function ship(binary, name, strip) {
  const shipped = join(root, 'prebuilds', name, 'lockstep.node');
  mkdirSync(dirname(shipped), { recursive: true });
  copyFileSync(binary, shipped);
  const flag = process.platform === 'darwin' ? '-x' : '--strip-unneeded';
  if (process.platform !== 'win32' && !run(strip, [flag, shipped]).ok) {
    console.log(`Lockstep: there is no ${strip} here; the binary keeps its symbols.`);
  }
  console.log(`Lockstep: ${relative(root, shipped)} is ready to ship.`);
}

function shipArm64() {
  const lacks = missing(ARM64_COMPILER, ['cmake', 'cmake']);
  if (lacks.length > 0) {
    console.log(`SKIPPED  the binary for linux-arm64: without ${lacks.join(' and ')}`);
    return;
  }
  const { ok, output } = build('arm64', ARM64_OPTIONS, 'lockstep');
  if (!ok) {
    console.error(`${output}Lockstep: the build for linux-arm64 failed; the messages above say why.`);
    process.exitCode = 1;
    return;
  }
  ship(join(folderOf('arm64'), 'lockstep.node'), 'linux-arm64', 'aarch64-linux-gnu-strip');
}

if (existsSync(built)) {
  ship(built, platform(), 'strip');
} else {
  console.log(`Lockstep: there is no ${built}, so the package will hold no binary for ${platform()}.`);
}
if (isX64Linux) shipArm64();
