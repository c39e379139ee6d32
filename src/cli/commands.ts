import { type Command, command, commandOf } from './command.js';
import { compareFlags } from './compare/flags.js';
import { doctor } from './doctor/doctor.js';
import { findRateFlags } from './find-rate/options.js';
import { drawSchedule, scheduleFlags } from './schedule/schedule.js';

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
      name: 'find-rate',
      summary:
        'Finds a learning rate: trains a few steps at a rate that grows, and shows where the loss falls.',
      details: [
        'The range test of Smith (2017), on the network that lockstep compare trains. In a program of your own, findLearningRate of lockstep/train does it for your model.',
      ],
      flags: findRateFlags,
      examples: [
        {
          command: 'lockstep find-rate',
          does: 'For Adam on MNIST, or on two spirals where it is not installed.',
        },
        {
          command: 'lockstep find-rate --data iris.csv --label species --optimizer momentum',
          does: 'For SGD with momentum on your own table.',
        },
      ],
    },
    async (values, args) => {
      const { findRate } = await import('./find-rate/find-rate.js');
      await findRate(values, args);
    },
  ),
  commandOf(
    {
      name: 'schedule',
      summary: 'Draws a learning-rate schedule, as one writes it in a program.',
      details: [
        'The expression is read and never run: schedules of lockstep, numbers, words in quotes, arrays and objects.',
      ],
      flags: scheduleFlags,
      examples: [
        {
          command: "lockstep schedule 'gradualWarmup(cosine(1e-3, { steps: 1000 }), { steps: 100 })'",
          does: 'In the terminal.',
        },
        {
          command: "lockstep schedule 'oneCycle({ max: 0.1, steps: 500 })' --svg cycle.svg",
          does: 'As a picture too.',
        },
      ],
    },
    "a schedule, such as 'cosine(1e-3, { steps: 1000 })',",
    drawSchedule,
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
