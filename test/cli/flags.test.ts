import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareFlags } from '../../src/cli/compare/flags.js';
import { compareOptions } from '../../src/cli/compare/options.js';
import { UsageError } from '../../src/cli/errors.js';
import { parseFlags, suggestion } from '../../src/cli/flags.js';
import { temporaryFolder } from './run-cli.js';

const parse = (...args: string[]) => parseFlags(compareFlags, args);

function options(...args: string[]) {
  const flags = parse(...args);
  if (flags === 'help') throw new Error('asked for help');
  return compareOptions(flags);
}

describe('parseFlags', () => {
  it('reads values in both spellings, and leaves out what was not given', () => {
    expect(parse('--epochs', '3', '--seed=0', '--quiet', '--optimizers', 'adam, sgd', '--lr', '0.5')).toEqual(
      {
        epochs: 3,
        seed: 0,
        quiet: true,
        optimizers: ['adam', 'sgd'],
        lr: 0.5,
      },
    );
  });

  it('reads a rate for each run', () => {
    expect(parse('--lr', 'adam=1e-3,sgd=0.1')).toEqual({
      lr: new Map([
        ['adam', 0.001],
        ['sgd', 0.1],
      ]),
    });
  });

  it('reads a list behind its flag, and behind the same flag again', () => {
    const [depth, norm] = [
      { name: 'depth', levels: [2, 8] },
      { name: 'norm', levels: ['none', 'layer'] },
    ];
    expect(parse('--vary', 'depth=2,8', 'norm=none,layer', '--quiet')).toEqual({
      vary: [depth, norm],
      quiet: true,
    });
    expect(parse('--vary', 'depth=2,8', '--quiet', '--vary=norm=none,layer')).toEqual({
      vary: [depth, norm],
      quiet: true,
    });
    expect(() => parse('--vary', 'depth=2', '--quiet', 'norm=none')).toThrow(
      'unexpected argument "norm=none"',
    );
  });

  it('takes the last of a repeated flag', () =>
    expect(parse('--seed', '1', '--seed', '2')).toEqual({ seed: 2 }));

  it.each([['--help'], ['-h'], ['--epochs', '3', '--help']])('knows %s %s %s', (...args) => {
    expect(parse(...args.filter(Boolean))).toBe('help');
  });

  it.each([
    [['--foo'], 'unknown flag --foo'],
    [['--epoch', '3'], 'unknown flag --epoch; did you mean --epochs?'],
    [['-x'], 'unknown flag -x'],
    [['--toString'], 'unknown flag --toString'],
    [['extra'], 'unexpected argument "extra"'],
    [['--epochs'], '--epochs needs a value: --epochs n'],
    [['--epochs', '--seed', '1'], '--epochs needs a value: --epochs n'],
    [['--epochs', '0'], '--epochs must be an integer in [1, 1000000], got "0"'],
    [['--epochs', '1.5'], '--epochs must be an integer in [1, 1000000], got "1.5"'],
    [['--epochs', '0x10'], '--epochs must be an integer in [1, 1000000], got "0x10"'],
    [['--epochs', '9007199254740993'], '--epochs must be an integer in [1, 1000000], got "9007199254740993"'],
    [['--threads', '1025'], '--threads must be an integer in [1, 1024], got "1025"'],
    [['--seed', '9007199254740992'], '--seed must be an integer of at least 0, got "9007199254740992"'],
    [['--seed', '-1'], '--seed must be an integer of at least 0, got "-1"'],
    [['--lr', '-0.1'], '--lr must be a finite number greater than 0, got "-0.1"'],
    [['--lr', 'Infinity'], '--lr must be a finite number greater than 0, got "Infinity"'],
    [['--lr', ''], '--lr must be a finite number greater than 0, got ""'],
    [['--lr', 'adam=fast'], '--lr of adam must be a finite number greater than 0, got "fast"'],
    [['--out', ''], '--out must not be empty'],
    [['--quiet=yes'], '--quiet takes no value, got "yes"'],
    [['--optimizers', 'sgd,sgd'], '--optimizers: "sgd" is there twice'],
  ])('refuses %j', (args, message) => expect(() => parse(...args)).toThrow(new UsageError(message)));

  it('lists the runs when one is unknown', () => {
    expect(() => parse('--optimizers', 'adm')).toThrow(
      /^--optimizers: no "adm"; known are .*sgd.*; did you mean adam\?$/,
    );
    expect(() => parse('--lr', 'adm=1')).toThrow(/^--lr: no "adm"; known are /);
  });
});

describe('suggestion', () => {
  it('names only what is near', () => {
    expect(suggestion('optimisers', compareFlags)).toBe('; did you mean --optimizers?');
    expect(suggestion('colour', compareFlags)).toBe('');
  });
});

describe('compareOptions', () => {
  it.each([
    [
      ['--data', 'a.csv'],
      '--data needs --label: the column with the class of each row, or, for a .npy file, the .npy file with the classes',
    ],
    [['--label', 'kind'], '--label is for a file of your own: give one with --data'],
    [['--data', 'spirals', '--label', 'kind'], '--label is for a file of your own: give one with --data'],
    [['--lr', 'adam=1', '--optimizers', 'sgd'], '--lr of adam: this run is not among --optimizers'],
    [
      ['--data', 'a.csv', '--label', 'k', '--out', './a.csv'],
      '--data and --out name the same file "./a.csv"',
    ],
    [['--out', 'a.html', '--json', 'a.html'], '--out and --json name the same file "a.html"'],
  ])('refuses %j', (args, message) => expect(() => options(...args)).toThrow(new UsageError(message)));

  it('refuses to write where it cannot', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'taken'));
    expect(() => options('--out', join(folder, 'none', 'a.html'))).toThrow(
      /^--out .*: there is no folder .*none$/,
    );
    expect(() => options('--json', join(folder, 'taken'))).toThrow(
      /^--json .*: is a folder, expected a file$/,
    );
  });

  it('leaves to the data what was not given', () => {
    expect(options()).toMatchObject({
      data: { data: null, seed: 0 },
      base: { optimizer: 'momentum' },
      epochs: null,
      out: 'lockstep-report.html',
      json: null,
    });
  });
});
