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

interface Said {
  readonly id: string;
  readonly text: string;
  /** What a study has to vary for it, in words. */
  readonly needs: string;
}

/** Something that is said of ways to train, to be held against runs. */
export interface RunClaim extends Said {
  /**
   * What the runs of a study say, or `null` where it has none that could.
   * @param level how rarely chance alone may lead to a verdict other than open.
   */
  readonly judge: (study: Study, level: number) => Finding | null;
}

/** Something that is said of steps, to be held against a small problem without chance. */
export interface ExactClaim extends Said {
  /** What each optimizer does with the problem, by name; computed once. */
  readonly measure: () => Numbers;
  readonly decide: (numbers: Numbers) => Finding;
}

export type Numbers = Readonly<Record<string, number>>;

export interface Judged {
  readonly claim: Said;
  readonly finding: Finding;
}

export const OPEN: Finding = { verdict: 'open', numbers: [], figure: null };

export const LABELS: Readonly<Record<Verdict, string>> = {
  supported: 'Supported',
  'not supported': 'Not supported',
  open: 'Open',
};
