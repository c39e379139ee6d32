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
