import { expect, test } from 'vitest';
import { tryMutations } from './mutations.js';

test('of 2,000 files that something has happened to, none is taken for another', async () => {
  expect(await tryMutations(2000, 1)).toBeGreaterThan(1800);
});
