import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { here, packageFolder } from '../../core/here.js';
import { type Findings, isFindings } from '../compare/claims/findings.js';

/** What the report inlines: the page's script and styles, each with all that it needs. */
export interface Assets {
  readonly script: string;
  readonly style: string;
  /** What was found of claims about small problems. Default: computed. */
  readonly findings?: Findings;
}

/** `npm run build:typescript` makes them of `page/` and of the claims. */
export function loadAssets(): Assets {
  const folder = join(packageFolder ?? dirname(here), 'dist', 'cli', 'report');
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const findings: unknown = JSON.parse(read('claims.json'));
  return {
    script: read('page.js'),
    style: read('page.css'),
    ...(isFindings(findings) ? { findings } : {}),
  };
}
