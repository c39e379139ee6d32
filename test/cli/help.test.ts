import { describe, expect, it } from 'vitest';
import { toggle } from '../../src/cli/flags.js';
import { commandHelp } from '../../src/cli/help.js';

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
