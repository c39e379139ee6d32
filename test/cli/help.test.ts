import { describe, expect, it, vi } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { toggle } from '../../src/cli/flags.js';
import { commandHelp, programHelp } from '../../src/cli/help.js';

describe('commandHelp', () => {
  it('keeps within 100 columns', () => {
    const help = commandHelp({
      name: 'x',
      summary: 'Does it.',
      flags: { verbose: toggle('word '.repeat(60).trim()) },
      examples: [{ command: 'lockstep x', does: 'It.' }],
    });
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    expect(help.split('word').length - 1).toBe(60);
  });
});

it.each<readonly [string, () => string]>([
  ['lockstep', () => programHelp(commands)],
  ...commands.map((command) => [command.name, () => commandHelp(command)] as const),
])('the help of %s fits a terminal of 60 columns, with every word', (_, help) => {
  const words = (text: string) => text.replace(/ \\\n/g, ' ').split(/\s+/);
  const wide = help();
  vi.stubEnv('COLUMNS', '60');
  try {
    for (const line of help().split('\n')) expect(line.length, line).toBeLessThanOrEqual(60);
    expect(words(help())).toEqual(words(wide));
  } finally {
    vi.unstubAllEnvs();
  }
});
