import type { Demand } from './limits.js';
import { type Contender, isVoid, type Timing } from './measure.js';

/** What the command line asks for. */
export interface Settings {
  readonly threads: readonly number[];
  /** Tiny sizes and few repeats: shows that it works, and no figure that means anything. */
  readonly quick: boolean;
  /** Measures the cases only whose name contains this. */
  readonly only: string;
  readonly python: string;
  /** Tells how far it has come. */
  readonly progress: (text: string) => void;
}

/** A promise, and what this run says about it. */
export interface Acceptance {
  readonly text: string;
  readonly verdict: 'PASS' | 'SHORT' | 'NOT MEASURED';
}

/** What an area found. */
export interface AreaReport {
  readonly table: string;
  readonly notes: readonly string[];
  readonly acceptance: readonly Acceptance[];
  /** Whom it was compared with: versions, or why they are absent. */
  readonly peers: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
}

/** One piece of work and all who did it. */
export interface Case {
  readonly name: string;
  readonly timings: readonly Timing[];
  /** What one step asks of the machine, where its limit takes part. */
  readonly demand?: Demand;
}

/** One subject of the benchmark. */
export interface Area {
  readonly summary: string;
  run(settings: Settings): Promise<AreaReport>;
}

/** A {@link Timing} for JSON. */
export function describeTiming(timing: Timing) {
  const { contender, steps, speeds, speed, processors } = timing;
  const { name, threads, work }: Contender = contender;
  const rounds = speeds.map((value) => value ?? null);
  return { name, threads, work, steps, perSecond: speed, processors, void: isVoid(timing), rounds };
}
