// A training that is killed behind its seventh step: see checkpoints.test.ts.
import { trained } from './trained.js';

await trained(1, {
  checkpoint: { folder: process.argv[2] ?? '', every: { steps: 2 } },
  async afterStep({ step }) {
    // What is being written comes to its end, or not.
    if (step === 7) process.kill(process.pid, 'SIGKILL');
  },
});
