import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Processors this process may use: its affinity mask, and the quota of its control group where there is one. */
export function defaultThreads(): number {
  const quota = cgroupQuota();
  const available = availableParallelism();
  return Math.max(1, quota === undefined ? available : Math.min(available, Math.floor(quota)));
}

/** Processors' worth of time that the control group grants (version 2, then 1), or undefined where there is no limit. */
function cgroupQuota(): number | undefined {
  const [quota, period] = (
    readText('/sys/fs/cgroup/cpu.max') ??
    `${readText('/sys/fs/cgroup/cpu/cpu.cfs_quota_us')} ${readText('/sys/fs/cgroup/cpu/cpu.cfs_period_us')}`
  )
    .split(/\s+/)
    .map(Number);
  return quota > 0 && period > 0 ? quota / period : undefined;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
