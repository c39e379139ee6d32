import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkWritable } from '../../src/cli/files.js';
import { runCli, sampleCsv, temporaryFolder, watchCli } from './run-cli.js';

function folderWithCsv(text = sampleCsv()): string {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'a.csv'), text);
  return cwd;
}

const onCsv = ['compare', '--data', 'a.csv', '--label', 'kind'];
const four = ['--optimizers', 'gradient-descent,adam,swats,momentum-large-gradual'];
const shortly = ['--epochs', '2', '--seeds', '1', ...four];

describe('lockstep compare', () => {
  it('trains on a CSV file, prints a table and writes the report and the numbers', () => {
    const cwd = folderWithCsv();
    const { status, stdout, stderr } = runCli([...onCsv, ...shortly, '--out', 'r.html', '--json', 'r.json'], {
      cwd,
    });
    expect(stderr).not.toContain('Error');
    expect(status).toBe(0);
    expect(
      stdout
        .split('\n')
        .slice(2, 6)
        .map((line) => line.split('  ')[0]),
    ).toEqual(['Full-batch gradient descent', 'Adam', 'SWATS', 'Large rate, gradual warm-up']);
    expect(stdout).toContain('report: r.html');
    expect(stderr).toContain('4 configurations with 1 seed on a.csv: 2 passes over 120 rows, ');
    expect(stderr).not.toContain('\x1b');
    expect(readdirSync(cwd).sort()).toEqual(['.lockstep', 'a.csv', 'r.html', 'r.json']);
    const comparison = JSON.parse(readFileSync(join(cwd, 'r.json'), 'utf8'));
    expect(comparison.runs.map(({ steps }: { steps: number }) => steps)).toEqual([2, 8, 8, 8]);
    expect(comparison.command).toBe(
      'lockstep compare --data a.csv --label kind --epochs 2 --seeds 1 --optimizers gradient-descent,adam,swats,momentum-large-gradual --out r.html --json r.json',
    );
    const report = readFileSync(join(cwd, 'r.html'), 'utf8');
    for (const { weightsHash } of comparison.runs) {
      expect(report).toContain(weightsHash);
      expect(stdout).toContain(weightsHash);
    }
  });

  it('gives the same weights again, and prints nothing but the end result when quiet', () => {
    const hashes = ['1', '2'].map((threads) => {
      const { status, stdout, stderr } = runCli([...onCsv, ...shortly, '--quiet', '--threads', threads], {
        cwd: folderWithCsv(),
      });
      expect([status, stderr]).toEqual([0, '']);
      return stdout.match(/[0-9a-f]{16}/g);
    });
    expect(hashes[0]).toHaveLength(4);
    expect(hashes[0]).toEqual(hashes[1]);
  });

  it('makes the report anew from its numbers, and event files, and shows what would be run', () => {
    const cwd = folderWithCsv();
    const study = [
      ...onCsv,
      '--epochs',
      '1',
      '--vary',
      'activation=relu,tanh',
      'norm=none,layer',
      '--seeds',
      '2',
    ];
    const planned = runCli([...study, '--dry-run'], { cwd });
    expect([planned.status, planned.stderr]).toEqual([0, '']);
    expect(planned.stdout).toMatch(/\nBase +0\.001 +4 +≈ [\d.]+ s +2\n/);
    expect(planned.stdout).toMatch(/\n6 runs: about [\d.]+ s, \d+ at a time\.\n$/);
    expect(existsSync(join(cwd, 'lockstep-report.html'))).toBe(false);

    const made = runCli([...study, '--json', 'r.json', '--tensorboard', 'events', '--serve'], { cwd });
    expect(made.status).toBe(0);
    expect(made.stderr).toMatch(/the report as far as it is: http:\/\/127\.0\.0\.1:\d+\/\n/);
    expect(readdirSync(join(cwd, 'events')).sort()).toEqual(['activation=tanh', 'base', 'norm=layer']);
    const page = readFileSync(join(cwd, 'lockstep-report.html'), 'utf8');

    const again = runCli(['compare', '--from', 'r.json', '--out', 'again.html'], { cwd });
    expect([again.status, again.stderr]).toEqual([0, '']);
    expect(again.stdout).toBe(made.stdout.replace('lockstep-report.html', 'again.html'));
    expect(readFileSync(join(cwd, 'again.html'), 'utf8')).toBe(page);
    expect(runCli([...study, '--dry-run'], { cwd }).stdout).toContain(
      '6 runs, of which 6 are done already: about 0.0 s',
    );

    writeFileSync(join(cwd, 'r.json'), '{"schema": 1}');
    const refused = runCli(['compare', '--from', 'r.json'], { cwd });
    expect([refused.status, refused.stderr]).toEqual([
      2,
      'lockstep: --from "r.json": study has no "version"\n',
    ]);
  });

  it('takes rates and warm-up from the command line', () => {
    const rates = ['--lr', 'adam=0.004', '--warmup', 'gradual'];
    const { status, cwd } = runCli(
      [...onCsv, '--optimizers', 'adam,sgd', '--epochs', '10', '--seeds', '1', ...rates, '--json', 'r.json'],
      { cwd: folderWithCsv() },
    );
    expect(status).toBe(0);
    const { runs } = JSON.parse(readFileSync(join(cwd, 'r.json'), 'utf8'));
    expect(runs[0].learningRates.slice(0, 5)).toEqual([0.001, 0.002, 0.003, 0.004, 0.004]);
    expect(runs[0].warmupSteps).toBe(4);
    expect(runs[1].learningRates[0]).toBe(0.05);
  });

  it.each([
    ['an unknown flag', ['compare', '--epoch', '3'], /unknown flag --epoch; did you mean --epochs\?/],
    [
      'a bad value',
      ['compare', '--epochs', 'many'],
      /--epochs must be an integer in \[1, 1000000\], got "many"/,
    ],
    ['a missing file', ['compare', '--data', 'none.csv', '--label', 'kind'], /none\.csv: no such file/],
    [
      'a missing label column',
      ['compare', '--data', 'a.csv', '--label', 'sort'],
      /no column is called "sort"/,
    ],
    [
      'a batch larger than the data',
      [...onCsv, '--batch', '500'],
      /--batch 500 is more than the 120 rows to learn from/,
    ],
    [
      'an unknown target',
      [...onCsv, '--target', 'avx9000'],
      /--target: no "avx9000"; known are .*typescript/,
    ],
    [
      'a folder that is not there',
      [...onCsv, '--out', 'none/r.html'],
      /--out "none\/r\.html": there is no folder/,
    ],
    [
      'a name that no file can have',
      [...onCsv, '--out', `${'r'.repeat(250)}.html`],
      /--out "r+\.html": cannot be written: ENAMETOOLONG/,
    ],
    ['an unknown command', ['train'], /no command "train"; known are compare, find-rate, schedule, doctor/],
  ])('refuses %s in one line, with exit code 2, and writes nothing', (_, args, message) => {
    const { status, stdout, stderr, cwd } = runCli(args, { cwd: folderWithCsv() });
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^lockstep: [^\n]+\n$/);
    expect(readdirSync(cwd)).toEqual(['a.csv']);
  });

  it.each([
    ['a ragged row', `${sampleCsv(6)}1,2,a\r\n`, /row 8: expected 4 cells as in the header, got 3/],
    [
      'text for a number',
      `${sampleCsv(6)}1,two,3,a\r\n`,
      /row 8, column "noise": expected a finite number, got "two"/,
    ],
  ])('refuses %s', (_, text, message) => {
    const { status, stderr, cwd } = runCli(onCsv, { cwd: folderWithCsv(text) });
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(readdirSync(cwd)).toEqual(['a.csv']);
  });

  it('refuses a setting in the environment that it cannot obey', () => {
    const { status, stderr } = runCli(['compare'], { env: { LOCKSTEP_TARGET: 'abacus' } });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^lockstep: LOCKSTEP_TARGET must be one of .*"typescript" here, got "abacus"\n$/);
  });
});

// Not by the program: were it not refused, the device would be gone.
describe.skipIf(!existsSync('/dev/null'))('checkWritable', () => {
  it('refuses a device', () => {
    expect(() => checkWritable('/dev/null', '--json')).toThrow(
      '--json "/dev/null": is a device, expected a file',
    );
  });
});

describe('the output of lockstep compare', () => {
  it('has the table, and the other file, where the report cannot be written any more', async () => {
    const cwd = folderWithCsv();
    mkdirSync(join(cwd, 'reports'));
    const { status, stdout, stderr } = await watchCli(
      [...onCsv, ...shortly, '--out', 'reports/r.html', '--json', 'r.json'],
      // What comes first tells that the training begins.
      (child) => child.stderr.once('data', () => rmSync(join(cwd, 'reports'), { recursive: true })),
      cwd,
    );
    expect(status).toBe(1);
    expect(stdout.match(/[0-9a-f]{16}/g)).toHaveLength(4);
    expect(stdout).not.toContain('report:');
    expect(stderr).toMatch(/\nlockstep: --out "reports\/r\.html" could not be written: ENOENT[^\n]*\n$/);
    expect(JSON.parse(readFileSync(join(cwd, 'r.json'), 'utf8')).runs).toHaveLength(4);
  });

  it('goes to the report also where nobody reads the table', async () => {
    const run = [...onCsv, '--epochs', '1', '--optimizers', 'adam'];
    const child = await watchCli(run, ({ stdout }) => stdout.destroy(), folderWithCsv());
    expect([child.status, child.stderr]).toEqual([0, expect.not.stringContaining('EPIPE')]);
    expect(existsSync(join(child.cwd, 'lockstep-report.html'))).toBe(true);
  });

  it.skipIf(!existsSync('/dev/full'))('tells in one line that there is no room for it', () => {
    const cwd = folderWithCsv();
    const stdout = openSync('/dev/full', 'w');
    const run = [...onCsv, '--epochs', '1', '--optimizers', 'adam', '--quiet'];
    const { status, stderr } = runCli(run, { cwd, stdout });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^lockstep: the output could not be written: ENOSPC[^\n]*\n$/);
    expect(readdirSync(cwd)).toContain('lockstep-report.html');
  });

  it('needs nobody who reads its progress', async () => {
    const child = await watchCli([...onCsv, ...shortly], ({ stderr }) => stderr.destroy(), folderWithCsv());
    expect(child.status).toBe(0);
    expect(child.stdout).toContain('report: lockstep-report.html');
  });

  it('fits a terminal of 60 columns, with every number', () => {
    const { stdout } = runCli([...onCsv, ...shortly], { cwd: folderWithCsv(), env: { COLUMNS: '60' } });
    expect(longest(stdout)).toBeLessThanOrEqual(60);
    for (const title of [
      'test accuracy',
      'train accuracy',
      'test loss',
      'steps to 97 %',
      'time',
      'weights',
    ]) {
      expect(stdout).toContain(title);
    }
    expect(stdout.match(/[0-9a-f]{16}/g)).toHaveLength(4);
  });

  it('tells that LOCKSTEP_BINARY was passed over', () => {
    const run = ['compare', '--data', 'spirals', '--epochs', '1', '--optimizers', 'adam'];
    const { stderr } = runCli(run, { env: { LOCKSTEP_BINARY: '/nowhere.node' } });
    expect(stderr).toContain('LOCKSTEP_BINARY is not used: /nowhere.node: no such file\n');
    expect(stderr).not.toContain('Warning');
  });
});

const longest = (text: string) => Math.max(...text.split('\n').map(({ length }) => length));

describe('lockstep', () => {
  it.each([[['--help']], [['compare', '--help']], [['find-rate', '--help']], [['doctor', '--help']]])(
    '%j fits a terminal of 60 columns',
    (args) => {
      const narrow = runCli(args, { env: { COLUMNS: '60' } }).stdout;
      expect(longest(narrow)).toBeLessThanOrEqual(60);
      const words = (text: string) => text.replace(/ \\\n/g, ' ').split(/\s+/);
      expect(words(narrow)).toEqual(words(runCli(args).stdout));
    },
  );

  it('tells its version and its commands', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(runCli(['--version']).stdout).toBe(`${version}\n`);
    expect(runCli(['--help']).stdout).toMatch(
      /lockstep compare [\s\S]*\n.*lockstep find-rate [\s\S]*\n.*lockstep doctor /,
    );
    expect(runCli(['compare', '--help']).stdout).toContain('--optimizers');
  });
});
