import { LEVEL } from '../statistics.js';
import type { Study } from '../study.js';
import { type Claim, type Judged, OPEN } from './claim.js';

export const claims: readonly Claim[] = [];

/**
 * All claims, held against a study. Those that it has runs for share the level of {@link LEVEL} evenly (Bonferroni), so that a study of
 * equals has any verdict in at most so many cases.
 */
export function judgeAll(study: Study): Judged[] {
  const possible = claims.filter(({ isExact, judge }) => !isExact && judge(study, LEVEL) !== null).length;
  const level = LEVEL / Math.max(1, possible);
  return claims.map((claim) => ({ claim, finding: claim.judge(study, level) ?? OPEN }));
}
