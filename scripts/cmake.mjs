// The developers' build (CMakeLists.txt), for this machine or, on an x86-64 Linux, for an arm64 one.
import { availableParallelism, arch as machine, platform } from 'node:os';
import { join } from 'node:path';
import { found, root, run } from './shell.mjs';

const ARM_LIBRARIES = '/usr/aarch64-linux-gnu';

/** What runs programs of arm64 here. */
export const ARM64_LAUNCHER = ['qemu-aarch64', '-L', ARM_LIBRARIES];

/** The options that make a build one for arm64. */
export const ARM64_OPTIONS = [
  '-DCMAKE_SYSTEM_NAME=Linux',
  '-DCMAKE_SYSTEM_PROCESSOR=aarch64',
  '-DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++',
];

export const isX64Linux = platform() === 'linux' && machine() === 'x64';

/** [command, its Debian package] of what such a build takes, and of what runs it. */
export const ARM64_COMPILER = ['aarch64-linux-gnu-g++', 'g++-aarch64-linux-gnu'];
export const ARM64_EMULATOR = ['qemu-aarch64', 'qemu-user'];

/** The packages of the commands that are not there. */
export function missing(...needs) {
  return needs.filter(([command]) => !found(command)).map(([, name]) => name);
}

/** Where a build puts what it makes. */
export function folderOf(name) {
  return join(root, 'build-cmake', name);
}

/** Builds one target of a build. */
export function build(name, options, target) {
  const configured = run('cmake', ['-S', root, '-B', folderOf(name), ...options]);
  if (!configured.ok) return configured;
  const jobs = String(availableParallelism());
  return run('cmake', ['--build', folderOf(name), '--target', target, '--parallel', jobs]);
}
