import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { machine } from '../src/cli/machine.js';
import { VERSION } from '../src/core/version.js';
import { type Area, type AreaReport, describeTiming, type Settings } from './area.js';
import * as table from './areas/index.js';

const areas: Readonly<Record<string, Area>> = table;

const usage = `npm run bench -- [area ...] [options]

Areas: ${Object.keys(areas).join(', ')}; all of them where none is named.

  --json <file>     write all figures there
  --quick           tiny sizes, few repeats: shows that it works, the figures mean nothing
  --threads <list>  numbers of threads, such as 1,2 (default: 1 and all processors)
  --only <text>     the cases only whose name contains this, such as "Adam 2^24"
  --python <path>   a Python that has torch (default: /usr/bin/python3)

inference also measures ONNX Runtime where it is installed:
  npm install --no-save --ignore-scripts onnxruntime-node
`;

/** Runnable threads, before this program adds its own. */
const BUSY = 0.7;

/** What stands above the tables. */
function header() {
  const { cpu, platform, node } = machine();
  return {
    date: new Date().toISOString(),
    cpu,
    processors: availableParallelism(),
    platform,
    node,
    lockstep: VERSION,
    load: loadavg()[0].toFixed(2),
  };
}

function printReport(summary: string, report: AreaReport): void {
  const peers = Object.entries(report.peers).map(([name, text]) => `${name} ${text}`);
  const verdicts = report.acceptance.map(({ text, verdict }) => `${verdict.padEnd(12)}  ${text}`);
  console.log(
    [
      summary,
      ...peers.map((text) => `  ${text}`),
      '',
      report.table,
      ...report.notes,
      '',
      ...verdicts,
      '',
    ].join('\n'),
  );
}

function describeReport({ peers, acceptance, cases }: AreaReport) {
  const described = cases.map(({ name, timings }) => ({ name, timings: timings.map(describeTiming) }));
  return { peers, acceptance, cases: described };
}

function readCommandLine() {
  const { values, positionals } = parseArgs({
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

async function main(): Promise<void> {
  const { names, settings, json, help } = readCommandLine();
  if (help) return console.log(usage);
  const head = header();
  console.log(
    Object.entries(head)
      .map(([name, value]) => `${name} ${value}`)
      .join('\n'),
  );
  if (loadavg()[0] > BUSY) console.log('Others are at work on this machine: take the figures for noise.');
  console.log();
  const results: Record<string, unknown> = {};
  for (const name of names) {
    const report = await areas[name].run(settings);
    settings.progress('');
    printReport(areas[name].summary, report);
    results[name] = describeReport(report);
  }
  if (json !== undefined) {
    writeFileSync(json, `${JSON.stringify({ ...head, quick: settings.quick, areas: results }, null, 1)}\n`);
  }
}

try {
  await main();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 2;
}
