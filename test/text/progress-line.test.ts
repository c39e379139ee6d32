import { expect, test } from 'vitest';
import { timeLeft } from '../../src/text/progress-line.js';

test.each<[number, number, string[]]>([
  [0, 1000, []],
  [0.0019, 1000, []],
  [0.002, 1000, ['8:19 min left']],
  [0.25, 2000, ['6.0 s left']],
  [1, 2000, ['0.0 s left']],
])('%f of the work in %d ms: %s', (share, milliseconds, left) => {
  expect(timeLeft(share, milliseconds)).toEqual(left);
});
