/** The families whose launchers and libraries know each other. */
export type Family = 'Open MPI' | 'MPICH';

/** Who has started this process as one of several. */
export interface Launcher {
  /** The variable of the environment that tells. */
  readonly variable: string;
  readonly title: string;
  /** Whose libraries it is for; null where it may be any. */
  readonly family: Family | null;
}

/** The ones inside come first: a launcher may itself have been started by one. */
const LAUNCHERS: readonly Launcher[] = [
  { variable: 'OMPI_COMM_WORLD_SIZE', title: 'mpirun of Open MPI', family: 'Open MPI' },
  { variable: 'MV2_COMM_WORLD_SIZE', title: 'mpirun of MVAPICH', family: 'MPICH' },
  { variable: 'PMI_SIZE', title: 'mpirun of the MPICH family', family: 'MPICH' },
  { variable: 'JSM_NAMESPACE_SIZE', title: 'jsrun', family: 'Open MPI' },
  { variable: 'FLUX_JOB_SIZE', title: 'flux run', family: null },
  // What a batch script has, which is no task of a step, is not this one.
  { variable: 'SLURM_STEP_NUM_TASKS', title: 'srun', family: null },
];

/** The launcher and how many processes it says that it has started; null where there is none. */
export function launchedBy(environment: NodeJS.ProcessEnv): (Launcher & { readonly size: number }) | null {
  for (const launcher of LAUNCHERS) {
    const size = Number(environment[launcher.variable]);
    if (Number.isInteger(size) && size >= 1) return { ...launcher, size };
  }
  return null;
}
