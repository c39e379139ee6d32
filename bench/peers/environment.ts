/** The variables that a process sees. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the libraries of peers read: how many threads, which processor to take this one for, how to wait. */
const PEERS = /^(OMP|GOMP|KMP|OPENBLAS|GOTO|BLIS|MKL|DNNL|ONEDNN|ATEN)_/;

/**
 * This process's variables for a peer on so many threads. Those of its libraries that are set here are left out: one that
 * makes OpenBLAS take the processor for an older one halves its speed.
 */
export function peerEnvironment(
  threads: number,
  settings: Environment = {},
  base: Environment = process.env,
) {
  const count = String(threads);
  return {
    ...Object.fromEntries(Object.entries(base).filter(([name]) => !PEERS.test(name))),
    OMP_NUM_THREADS: count,
    OPENBLAS_NUM_THREADS: count,
    BLIS_NUM_THREADS: count,
    MKL_NUM_THREADS: count,
    ...settings,
  };
}
