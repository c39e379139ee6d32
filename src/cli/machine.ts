import { readFileSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';

/** What a result was computed on. */
export interface Machine {
  readonly cpu: string;
  readonly platform: string;
  readonly node: string;
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() || 'unknown processor',
    platform: `${platform()} ${arch()}`,
    node: process.versions.node,
  };
}

/** The version of this package, of which both src/ and dist/ are one folder deep. */
export function version(): string {
  const file: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof file === 'object' && file !== null && 'version' in file ? String(file.version) : 'unknown';
}
