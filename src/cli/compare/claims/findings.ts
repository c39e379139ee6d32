import { isObject } from '../../../core/validate.js';
import type { Finding } from './claim.js';
import { exactClaims } from './exact.js';

/** What was found of each claim about a small problem, by its id. */
export type Findings = Readonly<Record<string, Finding>>;

let found: Findings | null = null;

/** Computes them, once: they are the same for every study, and the build keeps them beside the report's page. */
export function exactFindings(): Findings {
  found ??= Object.fromEntries(exactClaims.map((claim) => [claim.id, claim.decide(claim.measure())]));
  return found;
}

/** Whether something that was read is what {@link exactFindings} gave. */
export function isFindings(value: unknown): value is Findings {
  return isObject(value) && exactClaims.every(({ id }) => isFinding(value[id]));
}

function isFinding(value: unknown): value is Finding {
  if (!isObject(value) || !Array.isArray(value.numbers)) return false;
  const { verdict, numbers, figure } = value;
  return (
    ['supported', 'not supported', 'open'].some((one) => one === verdict) &&
    (figure === null || typeof figure === 'string') &&
    numbers.every((one) => isObject(one) && typeof one.what === 'string' && typeof one.text === 'string')
  );
}
