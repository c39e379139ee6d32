import { LEVEL } from '../statistics.js';
import type { Study } from '../study.js';
import type { Judged } from './claim.js';
import { OPEN } from './claim.js';
import { exactClaims } from './exact.js';
import { exactFindings, type Findings } from './findings.js';
import { runClaims } from './runs.js';

/**
 * All claims, held against a study or a small problem. Those that the study has runs for share the level of {@link LEVEL} evenly
 * (Bonferroni), so that a study of equals supports any of them in at most so many cases.
 * @param exact what was found of small problems. Default: computed.
 */
export function judgeAll(study: Study, exact: Findings = exactFindings()): Judged[] {
  const possible = runClaims.filter(({ judge }) => judge(study, LEVEL) !== null).length;
  const level = LEVEL / Math.max(1, possible);
  return [
    ...runClaims.map((claim) => ({ claim, finding: claim.judge(study, level) ?? OPEN })),
    ...exactClaims.map((claim) => ({ claim, finding: exact[claim.id] ?? OPEN })),
  ];
}
