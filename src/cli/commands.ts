import { type Command, command } from './command.js';
import { compareFlags } from './compare/options.js';
import { doctor } from './doctor/doctor.js';

export const commands: readonly Command[] = [
  command(
    {
      name: 'compare',
      summary: 'Trains one network with several optimizers and reports how each of them learns.',
      details: [
        'Every run begins with the same weights and sees the same rows in the same order; only the optimizer and its rate differ. At the end there are a table and a report: one HTML page that needs no network.',
        'The same seed gives the same weights, bit for bit, with any number of threads and on every native target.',
      ],
      flags: compareFlags,
      examples: [
        {
          command: 'lockstep compare',
          does: 'All runs on MNIST, or on two spirals where it is not installed.',
        },
        {
          command: 'lockstep compare --optimizers sgd,adam --lr sgd=0.2,adam=0.002 --epochs 3',
          does: 'Two runs, three passes, rates of your own.',
        },
        {
          command: 'lockstep compare --data iris.csv --label species --out iris.html --json iris.json',
          does: 'On your own table, with a report and all numbers as JSON.',
        },
      ],
    },
    async (values, args) => {
      const { compare } = await import('./compare/compare.js');
      await compare(values, args);
    },
  ),
  command(
    {
      name: 'doctor',
      summary: 'Tells which kernels run here, which do not and why, and how fast they are.',
      flags: {},
      examples: [{ command: 'lockstep doctor', does: 'Takes about two seconds.' }],
    },
    async () => doctor(),
  ),
];
