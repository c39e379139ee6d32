import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runClaims } from '../../src/cli/compare/claims/runs.js';
import { entriesOf, factorsAmong } from '../../src/cli/compare/design.js';
import { checkLevel, factorNames, factors, readLevel } from '../../src/cli/compare/factors.js';
import { compareFlags } from '../../src/cli/compare/flags.js';
import { compareOptions } from '../../src/cli/compare/options.js';
import { planStudy } from '../../src/cli/compare/plan.js';
import { planSchema } from '../../src/cli/compare/plan-file.js';
import { readStudy, studySchema } from '../../src/cli/compare/study-file.js';
import { UsageError } from '../../src/cli/errors.js';
import { parseFlags } from '../../src/cli/flags.js';
import { problemOf } from '../../src/cli/json-schema.js';
import { sampleRun, sampleStudy } from './sample-study.js';

const folder = mkdtempSync(join(tmpdir(), 'lockstep-plan-'));

function options(...args: string[]) {
  const flags = parseFlags(compareFlags, args);
  if (flags === 'help') throw new Error('asked for help');
  return compareOptions(flags);
}

const planned = (...args: string[]) => planStudy(options('--data', 'spirals', ...args));
const ids = async (...args: string[]) => (await planned(...args)).configurations.map(({ id }) => id);

function planFile(plan: object): string {
  const path = join(folder, 'plan.json');
  writeFileSync(path, JSON.stringify(plan));
  return path;
}

describe('a plan', () => {
  it('is by default the optimizers and the warm-ups of one of them, with three seeds', async () => {
    const { configurations, base, factors: varied, seeds, epochs } = await planned();
    expect(
      configurations.map(({ settings }) => [
        settings.optimizer,
        settings.lr,
        settings.warmup,
        settings.batch,
      ]),
    ).toEqual([
      ['sgd', 0.2, 'none', 'full'],
      ['sgd', 0.2, 'none', 32],
      ['momentum', 0.05, 'none', 32],
      ['adagrad', 0.05, 'none', 32],
      ['rmsprop', 0.001, 'none', 32],
      ['adam', 0.001, 'none', 32],
      ['swats', 0.001, 'none', 32],
      ['momentum', 1, 'none', 32],
      ['momentum', 1, 'constant', 32],
      ['momentum', 1, 'gradual', 32],
    ]);
    expect([base.optimizer, base.lr, base.batch]).toEqual(['momentum', 0.05, 32]);
    expect(varied.map(({ name }) => name)).toEqual(['optimizer', 'warmup', 'batch']);
    expect([seeds, epochs]).toEqual([[0, 1, 2], 40]);
  });

  it('varies one factor at a time around the base', async () => {
    const { configurations, base } = await planned(
      '--vary',
      'activation=relu,tanh',
      'depth=2,8',
      '--norm',
      'none',
    );
    expect(configurations.map(({ name }) => name)).toEqual(['Base', 'Tanh', 'Depth 8']);
    expect(
      configurations.map(({ settings }) => [settings.activation, settings.depth, settings.norm]),
    ).toEqual([
      ['relu', 2, 'none'],
      ['tanh', 2, 'none'],
      ['relu', 8, 'none'],
    ]);
    expect([base.activation, base.depth, base.optimizer]).toEqual(['relu', 2, 'adam']);
    expect(await ids('--vary', 'optimizer=sgd,lion')).toEqual(['optimizer=sgd', 'optimizer=lion']);
    // What was said of all is the base, also where it is no level.
    expect(await ids('--vary', 'activation=relu,tanh', 'residual=yes,no', '--activation', 'gelu')).toEqual([
      'base',
      'activation=relu',
      'activation=tanh',
      'residual=no',
    ]);
  });

  it('combines all levels in a full design, and gives each optimizer its own rate', async () => {
    const full = await planned('--optimizers', 'sgd,muon', '--vary', 'batch=16,full', '--design', 'full');
    expect(full.configurations.map(({ id, name, settings: { lr, batch } }) => [id, name, lr, batch])).toEqual(
      [
        ['optimizer=sgd batch=16', 'SGD, batches of 16', 0.2, 16],
        ['optimizer=sgd batch=full', 'SGD, full batch', 0.2, 'full'],
        ['optimizer=muon batch=16', 'Muon, batches of 16', 0.001, 16],
        ['optimizer=muon batch=full', 'Muon, full batch', 0.001, 'full'],
      ],
    );
    expect(full.factors).toEqual([
      { name: 'optimizer', levels: ['sgd', 'muon'] },
      { name: 'batch', levels: [16, 'full'] },
    ]);
    expect(await ids('--vary', 'lr=0.1,0.01', '--vary', 'norm=none,layer', '--design', 'full')).toHaveLength(
      4,
    );
  });

  it('has the defaults of each network', async () => {
    const { configurations } = await planned('--vary', 'network=mlp,cnn', '--image', '1x2');
    expect(configurations.map(({ settings: { width, norm, residual } }) => [width, norm, residual])).toEqual([
      [64, 'layer', true],
      [16, 'none', false],
    ]);
  });

  it('takes rates of runs, of optimizers, and one for all', async () => {
    const rates = async (...args: string[]) =>
      (await planned(...args)).configurations.map(({ settings }) => settings.lr);
    expect(await rates('--optimizers', 'sgd,adam', '--lr', 'adam=0.5')).toEqual([0.2, 0.5]);
    expect(await rates('--optimizers', 'momentum,momentum-large', '--lr', 'momentum=0.5')).toEqual([0.5, 1]);
    expect(await rates('--optimizers', 'momentum-large,sgd', '--lr', 'momentum-large=2')).toEqual([2, 0.2]);
    expect(await rates('--optimizers', 'sgd,adam', '--lr', '0.7')).toEqual([0.7, 0.7]);
  });

  it('has the first level of each factor in the base, its rate too, and what a plan says of all', async () => {
    const varied = ['--vary', 'optimizer=sgd,adam', 'lr=0.3,0.1', 'activation=tanh,relu'];
    const { base, configurations } = await planned(...varied);
    expect([base.optimizer, base.lr, base.activation]).toEqual(['sgd', 0.3, 'tanh']);
    expect(configurations.map(({ id, settings }) => [id, settings.optimizer, settings.lr])).toEqual([
      ['base', 'sgd', 0.3],
      ['optimizer=adam', 'adam', 0.3],
      ['lr=0.1', 'sgd', 0.1],
      ['activation=relu', 'sgd', 0.3],
    ]);
    const plan = planFile({
      data: 'spirals',
      base: { lr: 0.7 },
      vary: { optimizer: ['sgd', 'adam'], depth: [1, 2] },
    });
    const rates = async (...args: string[]) =>
      (await planStudy(options('--plan', plan, ...args))).configurations.map(({ settings }) => settings.lr);
    expect(await rates()).toEqual([0.7, 0.7, 0.7]);
    expect(await rates('--lr', 'adam=0.2')).toEqual([0.7, 0.7, 0.2]);
  });

  it('is a file as well, before which flags come', async () => {
    const plan = planFile({
      $schema: './node_modules/lockstep/docs/plan.schema.json',
      data: 'spirals',
      base: { norm: 'none', depth: 3 },
      vary: { activation: ['relu', 'tanh'], residual: [true, false] },
      design: 'full',
      ...{ epochs: 4, seeds: 2, seed: 5, goal: 0.9 },
    });
    const study = await planStudy(options('--plan', plan, '--depth', '4', '--seeds', '1'));
    expect(study.configurations.map(({ settings }) => settings.depth)).toEqual([4, 4, 4, 4]);
    expect([study.epochs, study.seeds, study.goal, study.base.norm]).toEqual([4, [5], 0.9, 'none']);
    const listed = planFile({
      data: 'spirals',
      configurations: [{ settings: { optimizer: 'lion' } }, { id: 'b', name: 'B', settings: { lr: 0.5 } }],
    });
    const { configurations } = await planStudy(options('--plan', listed));
    expect(configurations.map(({ id, name, settings }) => [id, name, settings.lr])).toEqual([
      ['1', 'Lion', 0.0003],
      ['b', 'B', 0.5],
    ]);
  });

  it.each<[object, RegExp]>([
    [{ epoch: 3 }, /plan has no place for "epoch"; known are .*epochs/],
    [{ base: { depth: 0 } }, /plan\.base\.depth must be at least 1, got 0/],
    [
      { vary: { norm: ['none', 'group'] } },
      /plan\.vary\.norm\[1\] must be one of "none", "layer", "batch", got "group"/,
    ],
    [
      { vary: { batch: [true] } },
      /plan\.vary\.batch\[0\] must be an integer, got true; or .* must be "full", got true/,
    ],
    [{ configurations: [{}] }, /plan\.configurations\[0\] has no "settings"/],
    [
      { vary: { depth: [1] }, configurations: [{ settings: {} }] },
      /vary and configurations exclude each other/,
    ],
    [
      {
        configurations: [
          { id: 'a', settings: {} },
          { id: 'a', settings: { depth: 3 } },
        ],
      },
      /two configurations have the id "a"/,
    ],
    [{ seeds: 1.5 }, /plan\.seeds must be an integer, got 1\.5/],
  ])('is refused as a file where something is wrong with it: %j', (plan, message) => {
    expect(() => options('--plan', planFile(plan))).toThrow(message);
    expect(() => options('--plan', planFile(plan))).toThrow(UsageError);
  });

  it.each<[string[], RegExp]>([
    [['--vary', 'depth'], /--vary must be a factor and its levels, .* got "depth"/],
    [['--vary', 'dept=2'], /--vary: no factor "dept"; known are .*did you mean depth\?/],
    [['--vary', 'depth=2,0'], /--vary depth must be at least 1, got 0/],
    [['--vary', 'depth=2,two'], /--vary depth must be an integer, got "two"/],
    [['--vary', 'depth=2,2'], /--vary depth: 2 is there twice/],
    [['--vary', 'depth=2', 'depth=3'], /--vary: depth is there twice/],
    [['--vary', 'activation=rely'], /--vary activation: no "rely"; known are .*did you mean relu\?/],
    [['--vary', 'residual=maybe'], /--vary residual must be yes or no, got "maybe"/],
    [
      ['--network', 'cmn'],
      /--network: no "cmn"; known are mlp, cnn, resnet; did you mean cnn\?; a module .* is a path/,
    ],
    [['--optimizers', 'gradient-descent', '--vary', 'depth=1,2'], /gradient-descent is a run of its own/],
    [['--lr', '0.1', '--vary', 'lr=0.1,0.2'], /--lr and --vary lr exclude each other/],
    [['--tune', '3', '--vary', 'lr=0.1,0.2'], /--tune chooses the rate, which --vary sets/],
    [['--tune', '3', '--lr', '0.1'], /--tune has nothing to choose, as all rates are given/],
    [
      ['--tune', '3', '--optimizers', 'momentum-large', '--lr', 'momentum-large=1'],
      /--tune has nothing to choose/,
    ],
    [['--from', 'r.json', '--epochs', '3'], /--from trains nothing, so that --epochs decides nothing/],
    [['--from', 'r.json', '--json', './r.json'], /--from and --json name the same file/],
    [['--model', 'm.js', '--out', 'm.js'], /--model and --out name the same file/],
    [['--tensorboard', 'package.json/a'], /--tensorboard "package\.json\/a": cannot be written/],
    [['--design', 'full'], /--design is for --vary/],
    [
      ['--design', 'ful', '--vary', 'depth=1,2'],
      /--design: no "ful"; known are full, one-at-a-time; did you mean full\?/,
    ],
    [['--model', 'a.js', '--network', 'cnn'], /--model and --network exclude each other/],
    [['--regression'], /--regression is for a file/],
    [['--image', '28'], /--image must be height x width/],
    [['--goal', '2'], /--goal must be a number in \(0, 1\], got "2"/],
  ])('is refused: %j', (args, message) => expect(() => options(...args)).toThrow(message));

  it.each<[string[], RegExp]>([
    [['--batch', '5000'], /--batch 5000 is more than the 1600 rows to learn from/],
    [
      ['--network', 'cnn'],
      /cnn is for images, and the 2 columns of the data are none: say how they lie with --image/,
    ],
    [['--image', '2x2'], /--image 2x2x1 are 4 numbers, and a row of the data has 2/],
    [['--batch', '1', '--norm', 'batch'], /batches of one row have no statistics/],
  ])('is refused once the data are known: %j', async (args, message) => {
    await expect(planned(...args)).rejects.toThrow(message);
    await expect(planned(...args)).rejects.toThrow(UsageError);
  });

  it('has no two runs of the same settings', async () => {
    const plan = planFile({
      data: 'spirals',
      configurations: [{ settings: {} }, { name: 'B', settings: { depth: 2 } }],
    });
    await expect(planStudy(options('--plan', plan))).rejects.toThrow(/Base and B are the same settings/);
  });
});

it.each(runClaims.map((claim) => [claim.id, claim] as const))(
  '%s: what a study needs to judge it is a study that judges it',
  async (_, { needs, judge }) => {
    const { configurations, base, seeds } = await planned(...needs.slice(needs.indexOf('--')).split(' '));
    const runs = configurations.flatMap((one) => seeds.map((seed) => sampleRun(one, seed)));
    expect(judge(sampleStudy({ configurations, base, seeds, runs }), 0.05)).not.toBeNull();
  },
);

describe('factors', () => {
  it('read from words what they are in JSON', () => {
    expect(readLevel('residual', 'yes', 'a')).toBe(true);
    expect(readLevel('batch', 'full', 'a')).toBe('full');
    expect(readLevel('batch', ' 32', 'a')).toBe(32);
    expect(readLevel('lr', '1e-3', 'a')).toBe(0.001);
    expect(() => readLevel('lr', 'Infinity', 'a')).toThrow('a must be a finite number, got Infinity');
    expect(() => readLevel('lr', '', 'a')).toThrow('a must be a number, got ""');
    expect(() => checkLevel('width', 1.5, 'a')).toThrow('a must be an integer, got 1.5');
  });

  it('are all in the help', () => {
    for (const name of factorNames) expect(factors[name].help).not.toBe('');
    for (const name of factorNames) expect(compareFlags.vary.help).toContain(name);
  });

  it('differ, or not, among configurations; rates count where they are all there is', () => {
    const of = (...entries: Parameters<typeof entriesOf>[1][]) => entries;
    const [varied] = of([{ name: 'lr', levels: [0.1, 0.2] }]);
    const settings = sampleStudy().base;
    const configurations = entriesOf({}, varied, 'full').map(({ id, name, change }) => ({
      ...{ id, name },
      settings: { ...settings, ...change },
    }));
    expect(factorsAmong(configurations)).toEqual([{ name: 'lr', levels: [0.1, 0.2] }]);
    expect(
      factorsAmong([{ ...configurations[0], settings: { ...settings, depth: 9 } }, ...configurations]),
    ).toEqual([{ name: 'depth', levels: [9, settings.depth] }]);
  });
});

describe('the schemas', () => {
  const documented = (name: string): unknown =>
    JSON.parse(readFileSync(new URL(`../../docs/${name}.schema.json`, import.meta.url), 'utf8'));

  it.each([
    ['plan', planSchema],
    ['study', studySchema],
  ])('docs/%s.schema.json is that of the program: npx tsx scripts/schemas.ts', (name, schema) => {
    expect(documented(name)).toEqual(JSON.parse(JSON.stringify(schema)));
  });

  it('is that of the file that --json wrote, which --from reads', () => {
    const path = join(folder, 'study.json');
    writeFileSync(path, JSON.stringify(sampleStudy()));
    expect(readStudy(path)).toEqual(sampleStudy());
    writeFileSync(path, '{"schema": 1}');
    expect(() => readStudy(path)).toThrow(/^--from ".*study\.json": study has no "version"$/);
    writeFileSync(path, '{');
    expect(() => readStudy(path)).toThrow(/^--from ".*study\.json": .*JSON/);
    expect(() => readStudy(join(folder, 'none.json'))).toThrow(/^--from ".*none\.json": ENOENT/);
  });

  it('takes a study, and refuses what is none', () => {
    const study: unknown = JSON.parse(JSON.stringify(sampleStudy()));
    expect(problemOf(studySchema, study, 'study')).toBeNull();
    const bad = sampleStudy({ goal: Number.NaN });
    expect(problemOf(studySchema, JSON.parse(JSON.stringify(bad)), 'study')).toBe(
      'study.goal must be a number, got null',
    );
    expect(problemOf(studySchema, { ...bad, goal: 1, schema: 2 }, 'study')).toBe(
      'study.schema must be 1, got 2',
    );
  });
});
