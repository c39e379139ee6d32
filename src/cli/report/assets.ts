import { readFileSync } from 'node:fs';

/** What the report inlines: the page's script and styles, each with all that it needs. */
export interface Assets {
  readonly script: string;
  readonly style: string;
}

/** `npm run build:typescript` makes them of `page/`; the folders of the sources and of what is built are equally deep. */
const FOLDER = new URL('../../../dist/cli/report/', import.meta.url);

export function loadAssets(): Assets {
  const read = (name: string) => readFileSync(new URL(name, FOLDER), 'utf8');
  return { script: read('page.js'), style: read('page.css') };
}
