import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli, sampleCsv, temporaryFolder, watchCli } from './run-cli.js';

function folderWithCsv(text = sampleCsv()): string {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'a.csv'), text);
  return cwd;
}

const onCsv = ['compare', '--data', 'a.csv', '--label', 'kind'];
const four = ['--optimizers', 'gradient-descent,adam,swats,momentum-large-gradual'];
const shortly = ['--epochs', '2', '--seeds', '1', ...four];
/** Without threads, which take longer to start than these runs do. */
const alone = ['--jobs', '1'];

/** Follows a study that is served, as the page does. */
async function pageAtTheEnd(url: string): Promise<string> {
  expect(await (await fetch(url)).text()).toContain('No run has ended yet');
  const reader = (await fetch(`${url}events`)).body?.getReader();
  let events = '';
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    events += new TextDecoder().decode(part.value);
  }
  expect(events).toMatch(/event: progress\ndata: "\d of 6 runs.*event: run\ndata: 6\n\nevent: end\n/s);
  return (await fetch(url)).text();
}

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

  it('makes the report anew from its numbers, and event files', () => {
    const cwd = folderWithCsv();
    const study = [
      ...onCsv,
      ...alone,
      '--epochs',
      '1',
      '--vary',
      'activation=relu,tanh',
      'norm=none,layer',
      '--seeds',
      '2',
    ];
    const made = runCli([...study, '--json', 'r.json', '--tensorboard', 'events'], { cwd });
    expect(made.status).toBe(0);
    expect(readdirSync(join(cwd, 'events')).sort()).toEqual(['activation=tanh', 'base', 'norm=layer']);
    const page = readFileSync(join(cwd, 'lockstep-report.html'), 'utf8');

    const again = runCli(['compare', '--from', 'r.json', '--out', 'again.html'], { cwd });
    expect([again.status, again.stderr]).toEqual([0, '']);
    expect(again.stdout).toBe(made.stdout.replace('lockstep-report.html', 'again.html'));
    expect(readFileSync(join(cwd, 'again.html'), 'utf8')).toBe(page);
  });

  it('shows the report while it runs, to the end, and no longer', async () => {
    let last: Promise<string> = Promise.reject(new Error('nothing was served'));
    last.catch(() => {});
    const { status, stderr, cwd } = await watchCli(
      [...onCsv, '--epochs', '40', '--optimizers', 'sgd,adam', '--quiet', '--serve', '--json', 'r.json'],
      (child) =>
        child.stderr.once('data', (text) => {
          last = pageAtTheEnd(/http:\S+/.exec(String(text))?.[0] ?? '');
          last.catch(() => {});
        }),
      folderWithCsv(),
    );
    expect([status, stderr]).toEqual([
      0,
      expect.stringMatching(/^the report as far as it is: http:\/\/127\.0\.0\.1:\d+\/\n$/),
    ]);
    const { runs } = JSON.parse(readFileSync(join(cwd, 'r.json'), 'utf8'));
    expect(runs).toHaveLength(6);
    for (const { weightsHash } of runs) expect(await last).toContain(weightsHash);
    await expect(fetch(/http:\S+/.exec(stderr)?.[0] ?? '')).rejects.toThrow();
  });

  it('takes rates and warm-up from the command line', () => {
    const rates = ['--lr', 'adam=0.004', '--warmup', 'gradual'];
    const { status, cwd } = runCli(
      [
        ...onCsv,
        '--optimizers',
        'adam,sgd',
        '--epochs',
        '10',
        '--seeds',
        '1',
        ...alone,
        ...rates,
        '--json',
        'r.json',
      ],
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
    ['a missing file', ['compare', '--data', 'none.csv', '--label', 'kind'], /none\.csv: no such file/],
    [
      'an unknown target',
      [...onCsv, '--target', 'avx9000'],
      /--target: no "avx9000"; known are .*typescript/,
    ],
    [
      'an unknown command',
      ['train'],
      /no command "train"; known are compare, find-rate, schedule, plan, doctor/,
    ],
  ])('refuses %s in one line, with exit code 2, and writes nothing', (_, args, message) => {
    const { status, stdout, stderr, cwd } = runCli(args, { cwd: folderWithCsv() });
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^lockstep: [^\n]+\n$/);
    expect(readdirSync(cwd)).toEqual(['a.csv']);
  });

  it('refuses a setting in the environment that it cannot obey', () => {
    const { status, stderr } = runCli(['compare'], { env: { LOCKSTEP_TARGET: 'abacus' } });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^lockstep: LOCKSTEP_TARGET must be one of .*"typescript" here, got "abacus"\n$/);
  });
});

describe('the output of lockstep compare', () => {
  it('has the table, and the other file, where the report cannot be written any more', async () => {
    const cwd = folderWithCsv();
    mkdirSync(join(cwd, 'reports'));
    const { status, stdout, stderr } = await watchCli(
      [...onCsv, ...shortly, ...alone, '--out', 'reports/r.html', '--json', 'r.json'],
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
    const run = [...onCsv, '--epochs', '1', '--seeds', '1', '--optimizers', 'adam'];
    const child = await watchCli(run, ({ stdout }) => stdout.destroy(), folderWithCsv());
    expect([child.status, child.stderr]).toEqual([0, expect.not.stringContaining('EPIPE')]);
    expect(existsSync(join(child.cwd, 'lockstep-report.html'))).toBe(true);
  });

  it.skipIf(!existsSync('/dev/full'))('tells in one line that there is no room for it', () => {
    const cwd = folderWithCsv();
    const stdout = openSync('/dev/full', 'w');
    const run = [...onCsv, '--epochs', '1', '--seeds', '1', '--optimizers', 'adam', '--quiet'];
    const { status, stderr } = runCli(run, { cwd, stdout });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^lockstep: the output could not be written: ENOSPC[^\n]*\n$/);
    expect(readdirSync(cwd)).toContain('lockstep-report.html');
  });

  it('needs nobody who reads its progress', async () => {
    const child = await watchCli(
      [...onCsv, ...shortly, ...alone],
      ({ stderr }) => stderr.destroy(),
      folderWithCsv(),
    );
    expect(child.status).toBe(0);
    expect(child.stdout).toContain('report: lockstep-report.html');
  });

  it('tells that LOCKSTEP_BINARY was passed over', () => {
    const run = ['compare', '--data', 'spirals', '--epochs', '1', '--seeds', '1', '--optimizers', 'adam'];
    const { stderr } = runCli(run, { env: { LOCKSTEP_BINARY: '/nowhere.node' } });
    expect(stderr).toContain('LOCKSTEP_BINARY is not used: /nowhere.node: no such file\n');
    expect(stderr).not.toContain('Warning');
  });
});

describe('lockstep', () => {
  it('tells its version and its commands', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(runCli(['--version']).stdout).toBe(`${version}\n`);
    expect(runCli(['--help']).stdout).toMatch(
      /lockstep compare [\s\S]*\n.*lockstep find-rate [\s\S]*\n.*lockstep doctor /,
    );
    expect(runCli(['compare', '--help']).stdout).toContain('--optimizers');
  });
});
