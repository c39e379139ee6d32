import { LEVEL } from '../statistics.js';
import type { Study } from '../study.js';
import type { ExactClaim, Finding, Judged } from './claim.js';
import { OPEN } from './claim.js';
import { exactClaims } from './exact.js';
import { runClaims } from './runs.js';

/** The same for every study. */
const known = new Map<ExactClaim, Finding>();

function exactFinding(claim: ExactClaim): Finding {
  const finding = known.get(claim) ?? claim.decide(claim.measure());
  known.set(claim, finding);
  return finding;
}

/**
 * All claims, held against a study or a small problem. Those that the study has runs for share the level of {@link LEVEL} evenly
 * (Bonferroni), so that a study of equals supports any of them in at most so many cases.
 */
export function judgeAll(study: Study): Judged[] {
  const possible = runClaims.filter(({ judge }) => judge(study, LEVEL) !== null).length;
  const level = LEVEL / Math.max(1, possible);
  return [
    ...runClaims.map((claim) => ({ claim, finding: claim.judge(study, level) ?? OPEN })),
    ...exactClaims.map((claim) => ({ claim, finding: exactFinding(claim) })),
  ];
}
