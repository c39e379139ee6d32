import { learn } from './model.js';

learn(10_000).catch(() => {});
setTimeout(() => {
  process.stdout.write('exit\n', () => process.exit(3));
}, 100);
