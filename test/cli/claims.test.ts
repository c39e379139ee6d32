import { describe, expect, it } from 'vitest';
import { exactClaims } from '../../src/cli/compare/claims/exact.js';
import { judgeAll } from '../../src/cli/compare/claims/index.js';
import { regretOnSparseRows, stepsInLongBowl, stepsToMoved } from '../../src/cli/compare/claims/problems.js';
import { jumpOf, runClaims } from '../../src/cli/compare/claims/runs.js';
import { LEVEL } from '../../src/cli/compare/statistics.js';
import { Generator } from '../../src/nn/index.js';
import { type Case, type Course, sampleRun, sampleStudy, studyOfCases, wobble } from './sample-study.js';

const claimOf = (id: string) => {
  const found = runClaims.find((claim) => claim.id === id);
  if (found === undefined) throw new Error(`there is no claim ${id}`);
  return found;
};

/** How much seeds differ is told by more of them. */
const seedsFor = (id: string) => Array.from({ length: id === 'momentum-steady' ? 9 : 3 }, (_, seed) => seed);

const verdictOf = (id: string, cases: readonly Case[]) =>
  claimOf(id).judge(studyOfCases(cases, { seeds: seedsFor(id) }), LEVEL)?.verdict ?? null;

const course =
  (change: Partial<Course>, size = 0.0005) =>
  (seed: number) => ({
    ...change,
    ...(change.test === undefined ? {} : { test: change.test + wobble(seed, size) }),
  });

/** Optimizers, and how each of them does. */
const optimizers = (courses: Readonly<Record<string, (seed: number) => Partial<Course>>>): Case[] =>
  Object.entries(courses).map(([optimizer, of]) => ({ settings: { optimizer, lr: 0.01 }, course: of }));

/** A choice at two depths: what it leads to with and without, shallow and deep. */
const atDepths = (
  settings: readonly [withIt: Case['settings'], without: Case['settings']],
  learnt: readonly (readonly [withIt: number, without: number])[],
): Case[] =>
  learnt.flatMap((trains, place) =>
    trains.map((train, which) => ({
      settings: { ...settings[which], depth: [2, 20][place] },
      course: (seed: number) => ({ train: train + wobble(seed, 0.001), test: train }),
    })),
  );

const swing = (size: number) => (seed: number) => ({ swing: size + wobble(seed, size / 50), half: 10 });

/** For each claim: runs for which it is true, false, and of which nothing can be said. */
const table: Readonly<Record<string, readonly [supported: Case[], against: Case[], open: Case[]]>> = {
  'sgd-swings': (() => {
    const cases = (batches: number, all: number): Case[] => [
      { settings: { optimizer: 'sgd' }, course: swing(batches) },
      { settings: { optimizer: 'sgd', batch: 'full' }, course: swing(all) },
    ];
    return [cases(0.3, 0), cases(0, 0.3), cases(0.1, 0.1)];
  })(),
  'alike-at-last': (() => {
    const cases = (large: number, small: number): Case[] => [
      { settings: { optimizer: 'sgd', lr: 0.5 }, course: (seed) => ({ train: large + wobble(seed, 0.001) }) },
      {
        settings: { optimizer: 'sgd', lr: 0.01 },
        course: (seed) => ({ train: small + wobble(seed, 0.001) }),
      },
      { settings: { optimizer: 'sgd', lr: 0.5, batch: 'full' }, course: () => ({ train: 0.97 }) },
      { settings: { optimizer: 'sgd', lr: 0.01, batch: 'full' }, course: () => ({ train: 0.97 }) },
    ];
    return [cases(0.8, 0.96), cases(0.96, 0.8), cases(0.9, 0.9)];
  })(),
  'adam-fast': (() => {
    const cases = (adam: number, momentum: number, size: number) =>
      optimizers({
        adam: (seed) => ({ stepsToGoal: Math.round(adam + wobble(seed, size)) }),
        momentum: (seed) => ({ stepsToGoal: Math.round(momentum - wobble(seed, size)) }),
      });
    return [cases(50, 200, 3), cases(200, 50, 3), cases(100, 101, 30)];
  })(),
  'momentum-steady': (() => {
    const spread = (size: number) => (seed: number) => ({
      test: 0.9 + size * ((seed % 3) - 1) * (1 + seed / 90),
    });
    const cases = (adam: number, momentum: number) =>
      optimizers({ adam: spread(adam), momentum: spread(momentum) });
    return [cases(0.05, 0.001), cases(0.001, 0.05), cases(0.02, 0.0201)];
  })(),
  'momentum-gap': (() => {
    const cases = (adam: number, momentum: number, size: number) =>
      optimizers({
        adam: course({ train: 0.99, test: 0.99 - adam }, size),
        momentum: course({ train: 0.99, test: 0.99 - momentum }, -size),
      });
    return [cases(0.08, 0.01, 0.001), cases(0.01, 0.08, 0.001), cases(0.03, 0.031, 0.01)];
  })(),
  'swats-both': (() => {
    const cases = (swats: number, test: number) =>
      optimizers({
        momentum: (seed) => ({ stepsToGoal: 200 + seed, test: 0.96 }),
        adam: (seed) => ({ stepsToGoal: 60 + seed, test: 0.93 + wobble(seed, 0.001) }),
        swats: (seed) => ({ stepsToGoal: swats - seed, test: test + wobble(seed + 1, 0.001) }),
      });
    return [cases(70, 0.96), cases(300, 0.96), cases(70, 0.93)];
  })(),
  'warmup-jump': (() => {
    const cases = (constant: number, gradual: number, size = 0.02): Case[] => [
      {
        settings: { lr: 1, warmup: 'constant' },
        course: (seed) => ({ warmupEnd: 200, jump: constant + wobble(seed, size), swing: 0 }),
      },
      { settings: { lr: 1, warmup: 'gradual' }, course: () => ({ warmupEnd: 200, jump: gradual, swing: 0 }) },
    ];
    return [cases(1, 0), cases(0, 1, 0), cases(0.1, 0.1, 0.15)];
  })(),
  'residual-depth': (() => {
    const of = (learnt: readonly (readonly [number, number])[]) =>
      atDepths([{ residual: true }, { residual: false }], learnt);
    return [
      of([
        [0.97, 0.97],
        [0.96, 0.1],
      ]),
      of([
        [0.97, 0.97],
        [0.96, 0.95],
      ]),
      of([
        [0.97, 0.97],
        [0.1, 0.1],
      ]),
    ];
  })(),
  'norm-depth': (() => {
    const of = (learnt: readonly (readonly [number, number])[]) =>
      atDepths([{ norm: 'layer' }, { norm: 'none' }], learnt);
    return [
      of([
        [0.97, 0.97],
        [0.96, 0.1],
      ]),
      of([
        [0.97, 0.97],
        [0.96, 0.95],
      ]),
      of([[0.97, 0.97]]),
    ];
  })(),
  'init-depth': (() => {
    const of = (learnt: readonly (readonly [number, number])[]) =>
      atDepths([{ init: 'kaiming' }, { init: 'zeros' }], learnt);
    return [
      of([
        [0.97, 0.97],
        [0.96, 0.1],
      ]),
      of([
        [0.97, 0.97],
        [0.96, 0.95],
      ]),
      of([[0.97, 0.97]]),
    ];
  })(),
};

describe('claims about runs', () => {
  it('are all in the table', () => {
    expect(Object.keys(table)).toEqual(runClaims.map(({ id }) => id));
  });

  it.each(Object.entries(table))('%s: true, false and open', (id, [supported, against, open]) => {
    expect(verdictOf(id, supported)).toBe('supported');
    expect(verdictOf(id, against)).toBe('not supported');
    expect(verdictOf(id, open)).toBe('open');
    expect(verdictOf(id, [{ settings: { optimizer: 'lion' } }])).toBeNull();
  });

  it('compare what differs in nothing else, each optimizer with its best rate', () => {
    const cases = (depth: number): Case[] => [
      { settings: { optimizer: 'momentum', lr: 1 }, course: () => ({ train: 0.5, stepsToGoal: null }) },
      {
        settings: { optimizer: 'momentum', lr: 0.1 },
        course: (seed) => ({ train: 0.9, stepsToGoal: 100 + seed }),
      },
      {
        settings: { optimizer: 'adam', lr: 0.01, depth },
        course: (seed) => ({ stepsToGoal: 20 + 2 * seed }),
      },
    ];
    expect(verdictOf('adam-fast', cases(20))).toBeNull();
    const [{ text } = { text: '' }] =
      claimOf('adam-fast').judge(studyOfCases(cases(2)), LEVEL)?.numbers ?? [];
    expect(text).toMatch(/^101 against 22 /);
  });

  it('hold what never gets to the goal for the last', () => {
    const cases = optimizers({
      adam: (seed) => ({ stepsToGoal: 50 + seed }),
      momentum: () => ({ stepsToGoal: null }),
    });
    expect(verdictOf('adam-fast', cases)).toBe('supported');
  });

  it('measure a jump where the warm-up ends, if it does', () => {
    const [{ settings }] = sampleStudy().configurations;
    const run = (change: Partial<Course>) =>
      sampleRun({ id: 'a', name: 'a', settings }, 0, { swing: 0, ...change });
    expect(jumpOf(run({ warmupEnd: 200, jump: 1 }))).toBeGreaterThan(1);
    expect(jumpOf(run({ warmupEnd: 200 }))).toBeLessThan(0);
    expect(jumpOf(run({}))).toBeNaN();
    expect(jumpOf(run({ warmupEnd: 400 }))).toBeNaN();
  });
});

describe('claims about small problems', () => {
  const [yes, no] = ['supported', 'not supported'];
  it.each([
    ['stands-still', { sgd: 1, momentum: 0.1, rmsprop: 0, adam: 0 }, yes],
    ['stands-still', { sgd: 0, momentum: 0.1, rmsprop: 0, adam: 0 }, no],
    ['stands-still', { sgd: 1, momentum: 1, rmsprop: 0, adam: 0 }, no],
    ['long-bowl', { sgd: 50, momentum: 20, adam: 30 }, yes],
    ['long-bowl', { sgd: 50, momentum: 30, adam: 30 }, no],
    ['long-bowl', { sgd: Number.POSITIVE_INFINITY, momentum: 30 }, yes],
    ['adagrad-rates', { 'step 1': 1, 'step 10': 0.3, 'step 100': 0.1 }, yes],
    ['adagrad-rates', { 'step 1': 1, 'step 10': 1, 'step 100': 1 }, no],
    ['adagrad-rare', { sgd: 0.3, adagrad: 0.2, adam: 0.25 }, yes],
    ['adagrad-rare', { sgd: 0.3, adagrad: 0.2, adam: 0.15 }, no],
    ['adagrad-starves', { 'steps to the minimum': 50, 'steps after it moved': 500 }, yes],
    ['adagrad-starves', { 'steps to the minimum': 50, 'steps after it moved': 60 }, no],
    ['rmsprop-does-not', { 'steps to the minimum': 50, 'steps after it moved': 60 }, yes],
    ['rmsprop-does-not', { 'steps to the minimum': 50, 'steps after it moved': 500 }, no],
    ['adam-sparse', { often: 0.9, between: 1.1, seldom: 1.2 }, yes],
    ['adam-sparse', { often: 1.2, between: 1.1, seldom: 1 }, no],
  ])('%s with %o: %s', (id, numbers, verdict) => {
    const claim = exactClaims.find((candidate) => candidate.id === id);
    expect(claim?.decide(numbers).verdict).toBe(verdict);
    expect(claim?.decide({ ...numbers, more: Number.NaN }).verdict).toBe('open');
  });

  it('give every optimizer the same rates and find what they are known for', () => {
    expect(stepsInLongBowl('momentum')).toBeLessThan(stepsInLongBowl('sgd') / 2);
    expect(regretOnSparseRows('adagrad', 0.1)).toBeLessThan(0.7 * regretOnSparseRows('sgd', 0.1));
    const [first, second] = stepsToMoved('sgd');
    expect(Math.abs(first - second)).toBeLessThan(5);
  });
});

describe('judgeAll', () => {
  it('has a verdict on every claim, open with what would be needed', () => {
    const judged = judgeAll(sampleStudy());
    expect(judged).toHaveLength(runClaims.length + exactClaims.length);
    expect(judged.filter(({ finding }) => finding.verdict === 'open').length).toBeGreaterThan(2);
    for (const { finding, claim } of judged) {
      if (finding.verdict !== 'open') expect(finding.numbers.length, claim.id).toBeGreaterThan(0);
    }
  });

  it('supports a claim about runs in at most one of twenty studies of equals', () => {
    const generator = new Generator(21);
    const chance = () => ({
      test: 0.9 + 0.01 * generator.normal(),
      train: 0.95 + 0.01 * generator.normal(),
      stepsToGoal: 150 + Math.round(20 * generator.normal()),
      jump: 0.3 * Math.exp(generator.normal()),
      warmupEnd: 200,
    });
    const cases: Case[] = [
      ...optimizers({ adam: chance, momentum: chance, swats: chance }),
      { settings: { warmup: 'gradual' }, course: chance },
    ];
    const supported = Array.from({ length: 100 }, () =>
      judgeAll(studyOfCases(cases))
        .slice(0, runClaims.length)
        .some(({ finding }) => finding.verdict === 'supported'),
    ).filter(Boolean);
    expect(supported.length).toBeLessThanOrEqual(5);
  });
});
