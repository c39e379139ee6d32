import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { UsageError } from '../../src/cli/errors.js';
import { drawInTerminal, drawSvg } from '../../src/cli/schedule/draw.js';
import { parseSchedule, SCHEDULES } from '../../src/cli/schedule/parse.js';
import { drawSchedule } from '../../src/cli/schedule/schedule.js';
import * as schedules from '../../src/schedule/index.js';
import { runCli } from './run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'lockstep-schedule-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('an expression', () => {
  const { constant, cosine, cyclic, gradualWarmup, multiStep, sequential } = schedules;

  it.each<[string, schedules.Schedule]>([
    ['0.5', constant(0.5)],
    [' cosine( 1e-3 , {steps:10,} ) ', cosine(1e-3, { steps: 10 })],
    [
      'gradualWarmup(cosine(1e-3, { steps: 10 }), { steps: 4 })',
      gradualWarmup(cosine(1e-3, { steps: 10 }), { steps: 4 }),
    ],
    ['multiStep(1_0.5, {\'at\': [2, 4], "factor": .1})', multiStep(10.5, { at: [2, 4], factor: 0.1 })],
    [
      "cyclic({ base: 0, max: 1, up: 3, mode: 'triangular2' })",
      cyclic({ base: 0, max: 1, up: 3, mode: 'triangular2' }),
    ],
    ['sequential([0.1, constant(2)], { at: [5] })', sequential([0.1, constant(2)], { at: [5] })],
  ])('is the schedule that it is in a program: %s', (text, expected) => {
    const { schedule } = parseSchedule(text);
    for (let step = 0; step < 12; step++) expect(schedule.at(step)).toBe(expected.at(step));
  });

  it.each<[string, number, RegExp]>([
    ['', 0, /a schedule, a number, an array or an object is expected/],
    ['cosin(1)', 0, /there is no schedule "cosin"; did you mean cosine\?/],
    ['toSchedule(1)', 0, /there is no schedule "toSchedule"/],
    ['constructor(1)', 0, /there is no schedule "constructor"/],
    ['cosine', 6, /cosine needs its arguments in \(\.\.\.\)/],
    ['cosine(1, { steps: 5 }', 22, /\) is expected|, or \) is expected/],
    ['cosine(1, { steps = 5 })', 18, /a colon is expected behind steps/],
    ['cosine(1, { steps: 5 }) + 1', 24, /nothing more is expected here/],
    ['scale(1, cosine(1, { stepz: 5 }))', 9, /cosine has no option "stepz"; did you mean "steps"\?/],
    ['cosine(-1, { steps: 5 })', 0, /lr must be .* got -1/],
    ['[1, 2]', 0, /a schedule or a rate is expected/],
    ["'fast'", 0, /a schedule or a rate is expected, got "fast"/],
    ['process.exit(1)', 0, /there is no schedule "process"/],
    ['['.repeat(1000), 51, /it is deeper than 50 calls/],
  ])('is refused with a mark at the place: %s', (text, place, message) => {
    const error = (() => {
      try {
        parseSchedule(text);
      } catch (thrown) {
        return String(thrown);
      }
      return '';
    })();
    const [problem, shown, mark] = error.split('\n');
    expect(problem).toMatch(message);
    expect([shown, mark]).toEqual([`  ${text}`, `  ${' '.repeat(place)}^`]);
  });

  test('is refused with the line of several that the place is in', () => {
    expect(() => parseSchedule('\ngradualWarmup(\n  cosin(1, { steps: 5 }),\n  { steps: 2 },\n)')).toThrow(
      /did you mean cosine\?\n {4}cosin\(1, \{ steps: 5 \}\),\n {4}\^$/,
    );
  });

  test('may call every schedule', () => {
    const functions = Object.entries(schedules).filter(([, value]) => typeof value === 'function');
    expect([...SCHEDULES.keys()]).toEqual(
      functions.map(([name]) => name).filter((name) => name !== 'toSchedule'),
    );
  });
});

test('a plot has the largest rate above, 0 below, and every jump as a line', () => {
  const lines = drawInTerminal([0, 0, 1, 1], 14).split('\n');
  expect(lines).toHaveLength(13);
  expect(lines[0]).toBe('1 ┤⠀⠀⠀⠀⠀⢸⠉⠉⠉⠉⠉');
  expect(lines[12]).toMatch(/^ {3}0 +3$/);
  expect(drawInTerminal([0, 0], 20)).toContain('0 ┤⣀⣀');
  const svg = drawSvg([0, 0.5, 1], 'a < b & "c"');
  expect(svg).toContain('<title>a &lt; b &amp; &quot;c&quot;</title>');
  expect(svg).toContain('points="80.0,270.0 390.0,150.0 700.0,30.0"');
});

describe('the heading of a picture', () => {
  const heading = (title: string) => /font-size="12">([^<]*)</.exec(drawSvg([0, 1], title))?.[1];

  it('is the whole expression, in one line', () => {
    expect(heading('cosine(1, { steps: 5 })')).toBe('cosine(1, { steps: 5 })');
    expect(heading('\ncosine(\n  1,\n  { steps: 5 },\n)\n')).toBe('cosine( 1, { steps: 5 }, )');
    expect(heading('a'.repeat(84))).toBe('a'.repeat(84));
  });

  it('has no middle where that is longer than the plot is wide; the title has', () => {
    expect(heading(`${'a'.repeat(50)}${'b'.repeat(50)}`)).toBe(`${'a'.repeat(41)} … ${'b'.repeat(40)}`);
    const long = `sequential([${'cosine(1e-3, { steps: 100 }), '.repeat(9)}0.1], { at: [5] })`;
    expect(heading(long)).toMatch(/^sequential\(\[cosine\(.* … .* 0\.1\], \{ at: \[5\] \}\)$/);
    expect(heading(long)).toHaveLength(84);
    expect(drawSvg([0, 1], long)).toContain(`<title>${long}</title>`);
  });
});

describe('lockstep schedule', () => {
  const expression = 'gradualWarmup(cosine(1e-3, { steps: 40 }), { steps: 10 })';

  it('draws, and writes what it is asked for', () => {
    const [svg, json] = ['a.svg', 'a.json'].map((name) => join(folder, name));
    const { status, stdout } = runCli(['schedule', expression, '--svg', svg, '--json', json]);
    expect(status).toBe(0);
    expect(stdout).toContain('0.001 ┤');
    expect(stdout).toMatch(/first 1e-4, largest 0\.001 at step 9, .*, last 0 at step 50/);
    expect(readFileSync(svg, 'utf8')).toContain('<polyline');
    const { schedule, rates } = JSON.parse(readFileSync(json, 'utf8'));
    expect([schedule, rates.length, rates[50]]).toEqual([expression, 51, 0]);
  });

  it.each([
    ['cosine(1, { steps: 2_000_000_000 })', /has 2,000,000,000 steps: give --steps, of which 10,000,000 can/],
    ['scale(1e308, 10)', /cannot be drawn: lr at step 0 must be .* got Infinity/],
  ])('cannot draw %s', (expression, message) => {
    expect(() => drawSchedule(expression, {})).toThrow(UsageError);
    expect(() => drawSchedule(expression, {})).toThrow(message);
  });

  it('says what is wrong', () => {
    const none = runCli(['schedule']);
    expect([none.status, none.stderr]).toEqual([
      2,
      expect.stringMatching(/schedule needs a schedule, such as 'cosine/),
    ]);
    const wrong = runCli(['schedule', 'cosine(1)']);
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('\n  cosine(1)\n  ^')]);
  });
});
