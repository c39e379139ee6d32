import { afterAll } from 'vitest';
import { currentTarget, threads, useTarget, useThreads } from '../src/backend/select.js';
import { manualSeed } from '../src/nn/engine/default-generator.js';

// Test files share a process, for loading the modules again would take longer than most of them: each finds it as the first
// one did, whichever came before.

const initial = { target: currentTarget(), threads: threads() };
manualSeed(0);

afterAll(() => {
  useTarget(initial.target);
  useThreads(initial.threads);
});
