import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { machine } from '../src/cli/machine.js';
import { VERSION } from '../src/core/version.js';
import { type AreaReport, describeTiming } from './area.js';
import { areas, readCommandLine, usage } from './command-line.js';

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

async function main(): Promise<void> {
  const { names, settings, json, help } = readCommandLine(process.argv.slice(2));
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
