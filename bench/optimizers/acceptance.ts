import type { Acceptance, Case } from '../area.js';
import { ratio } from '../measure.js';
import { type Promised, verdictOn } from '../promise.js';
import { threadText } from '../text.js';
import { NAMES } from './competitor.js';
import { Findings } from './findings.js';
import { rows } from './rows.js';

/** What the package promises, and what this run says. */
export function judge(cases: readonly Case[], threads: readonly number[]): Acceptance[] {
  return promises(cases, threads).map(verdictOn);
}

function promises(cases: readonly Case[], threads: readonly number[]): Promised[] {
  const large = findingsOf(cases, 'Adam 2^24');
  const cached = findingsOf(cases, 'Adam 2^14');
  const small = findingsOf(cases, 'Adam 1,000 x 64');
  return [
    ...threads.flatMap((count): Promised[] => {
      const own = large?.timing(NAMES.native, count);
      const name = `Adam f32 2^24, ${threadText(count)}`;
      const loop = large?.timing(NAMES.loop, count);
      return [
        { name, than: 'of the same-traffic loop', least: 0.95, measured: ratio(own, loop) },
        { name, than: 'x PyTorch', least: 4, measured: ratio(own, large?.pytorch(count)) },
        { name, than: 'x tfjs-wasm', least: 8, measured: ratio(own, large?.tfjs('wasm')) },
      ];
    }),
    {
      name: 'Adam f32 2^14, 1 thread',
      than: 'of the same written as a loop for the compiler',
      least: 0.9,
      measured: ratio(cached?.timing(NAMES.native, 1), cached?.timing(NAMES.adamLoop, 1)),
    },
    ...elementwise.flatMap((row) => {
      const found = findingsOf(cases, `${row} 2^24`);
      if (found === undefined) return [];
      return threads.map((count): Promised => {
        const measured = ratio(found.timing(NAMES.native, count), found.timing(NAMES.loop, count));
        const name = `${row} f32 2^24, ${threadText(count)}`;
        return { name, than: 'of the same-traffic loop', least: 0.9, measured };
      });
    }),
    ...threads.map((count) => ({
      name: `Adam f32, 1,000 tensors of 64, ${threadText(count)}`,
      than: 'x PyTorch',
      least: 20,
      measured: ratio(small?.timing(NAMES.native, count), small?.pytorch(count)),
    })),
    {
      name: 'Adam f32 2^24, TypeScript',
      than: 'x tfjs-cpu',
      least: 5,
      measured: ratio(large?.timing(NAMES.typescript, 1), large?.tfjs('cpu')),
    },
  ];
}

/** Those of one pass over memory, but for Adam, which is promised more, and for those that unpack: they compute longer than they wait. */
const elementwise = rows
  .filter(({ name, isComposed, packed }) => name !== 'Adam' && !isComposed && !packed)
  .map(({ name }) => name);

function findingsOf(cases: readonly Case[], name: string): Findings | undefined {
  const found = cases.find((one) => one.name === name);
  return found && new Findings(found);
}
