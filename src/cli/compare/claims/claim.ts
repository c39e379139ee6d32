import type { Study } from '../study.js';

export type Verdict = 'supported' | 'not supported' | 'open';

/** A number that a verdict rests upon. */
export interface Measured {
  readonly what: string;
  readonly text: string;
}

/** What was measured of a claim. */
export interface Finding {
  readonly verdict: Verdict;
  /** None where nothing was measured. */
  readonly numbers: readonly Measured[];
  /** The id of the element of the report that shows it. */
  readonly figure: string | null;
}

/** Something that is said of ways to train. */
export interface Claim {
  readonly id: string;
  readonly text: string;
  /** What a study has to vary for it, in words. */
  readonly needs: string;
  /**
   * What was measured, or `null` where the study has no such runs. Claims about a known problem need none.
   * @param level how rarely chance alone may lead to a verdict other than open.
   */
  readonly judge: (study: Study, level: number) => Finding | null;
  /** Whether it is about a small problem without chance, which is computed on the spot. */
  readonly isExact: boolean;
}

export interface Judged {
  readonly claim: Claim;
  readonly finding: Finding;
}

export const OPEN: Finding = { verdict: 'open', numbers: [], figure: null };

export const LABELS: Readonly<Record<Verdict, string>> = {
  supported: 'Supported',
  'not supported': 'Not supported',
  open: 'Open',
};
