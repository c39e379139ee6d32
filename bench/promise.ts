import type { Acceptance } from './area.js';
import type { Spread } from './statistics.js';
import { spreadText } from './text.js';

/** A ratio that is promised, and the one that was measured. */
export interface Promised {
  readonly name: string;
  readonly than: string;
  readonly least: number;
  readonly measured: Spread | undefined;
}

export function verdictOn({ name, than, least, measured }: Promised): Acceptance {
  return {
    text: `${name}: ${measured === undefined ? '-' : spreadText(measured)} ${than} (>= ${least})`,
    verdict: measured === undefined ? 'NOT MEASURED' : measured.median >= least ? 'PASS' : 'SHORT',
  };
}
