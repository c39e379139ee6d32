#!/usr/bin/env node
import { VERSION } from '../core/version.js';
import { DataError } from '../data/errors.js';
import { UsageError } from './errors.js';
import { unknownName } from './flags.js';
import { programHelp } from './help.js';

/** The exit code where a result could not be written. */
const UNWRITTEN = 1;
/** The exit code for a command line, a setting or data that cannot be used. */
const REFUSED = 2;

async function run([name, ...args]: readonly string[]): Promise<void> {
  if (name === '--version' || name === '-v') {
    process.stdout.write(`${VERSION}\n`);
    return;
  }
  // The commands tell by themselves what was loaded.
  process.env.LOCKSTEP_QUIET = '1';
  // Loaded here, as settings in the environment are read on loading, and may be refused.
  const { commands } = await import('./commands.js');
  if (name === undefined || name === '--help' || name === '-h') {
    process.stdout.write(programHelp(commands));
    return;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    const known = commands.map((candidate) => candidate.name);
    throw new UsageError(unknownName(name, known, 'command ', 'lockstep '));
  }
  await command.start(args);
}

function isRefusal(error: unknown): error is Error {
  if (error instanceof UsageError || error instanceof DataError) return true;
  return error instanceof RangeError && error.message.startsWith('LOCKSTEP_');
}

// Whoever reads the output may stop early, as `head` does. The work goes on: it may have files to write.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || process.exitCode === UNWRITTEN) return;
  process.exitCode = UNWRITTEN;
  process.stderr.write(`lockstep: the output could not be written: ${error.message}\n`);
});
process.stderr.on('error', () => {});

try {
  await run(process.argv.slice(2));
} catch (error) {
  if (!isRefusal(error)) throw error;
  process.stderr.write(`lockstep: ${error.message}\n`);
  process.exitCode = REFUSED;
}
