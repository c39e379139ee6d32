import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Area, Settings } from './area.js';
import * as table from './areas/index.js';

export const areas: Readonly<Record<string, Area>> = table;

export const usage = `npm run bench -- [area ...] [options]

Areas: ${Object.keys(areas).join(', ')}; all of them where none is named.

  --json <file>     write all figures there
  --quick           tiny sizes, few repeats: shows that it works, the figures mean nothing
  --threads <list>  numbers of threads, such as 1,2 (default: 1 and all processors)
  --only <text>     the cases only whose name contains this, such as "Adam 2^24"
  --python <path>   a Python that has torch (default: /usr/bin/python3)

inference also measures ONNX Runtime where it is installed:
  npm install --no-save --ignore-scripts onnxruntime-node
`;

/** What is asked for. @throws Error that says in one line what is wrong */
export function readCommandLine(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'string' },
      quick: { type: 'boolean', default: false },
      threads: { type: 'string', default: [...new Set([1, availableParallelism()])].join(',') },
      only: { type: 'string', default: '' },
      python: { type: 'string', default: '/usr/bin/python3' },
      help: { type: 'boolean', default: false },
    },
  });
  const { json, quick, only, python, help } = values;
  const threads = values.threads.split(',').map(Number);
  if (!threads.every((count) => Number.isInteger(count) && count >= 1)) {
    throw new Error(`--threads must be integers such as 1,2, got ${values.threads}`);
  }
  const names = positionals.length > 0 ? positionals : Object.keys(areas);
  const unknown = names.find((name) => !Object.hasOwn(areas, name));
  if (unknown !== undefined)
    throw new Error(`there is no area ${unknown}, only ${Object.keys(areas).join(', ')}`);
  const progress = (text: string) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  };
  const settings: Settings = { threads, quick, only, python, progress };
  return { names, settings, json, help };
}
