import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { here, packageFolder } from '../../core/here.js';

/** What the report inlines: the page's script and styles, each with all that it needs. */
export interface Assets {
  readonly script: string;
  readonly style: string;
}

/** `npm run build:typescript` makes them of `page/`. */
export function loadAssets(): Assets {
  const folder = join(packageFolder ?? dirname(here), 'dist', 'cli', 'report');
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { script: read('page.js'), style: read('page.css') };
}
