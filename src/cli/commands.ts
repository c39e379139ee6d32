import { type Command, command, commandOf } from './command.js';
import { compareFlags } from './compare/flags.js';
import { doctor } from './doctor/doctor.js';
import { findRateFlags } from './find-rate/options.js';
import { planFlags } from './plan/options.js';
import { plan } from './plan/plan.js';
import { drawSchedule, scheduleFlags } from './schedule/schedule.js';

export const commands: readonly Command[] = [
  command(
    {
      name: 'compare',
      summary:
        'Trains networks in several ways, each with several seeds, and reports what makes a difference.',
      details: [
        'Without flags these are optimizers and warm-ups. --vary changes anything else: one factor at a time around a base, which has the first level of each, or all with all. With the same seed networks of one shape begin with the same weights and see the same rows in the same order.',
        'At the end there are a table, with medians over the seeds and their intervals, and a report: one HTML page that needs no network. One way is called ahead of another only where that is more than chance.',
        'Each run that is done is kept: the same command goes on where it was stopped, and with another level it trains what is new. The same seed gives the same weights, bit for bit, with any number of threads and on every native target.',
      ],
      flags: compareFlags,
      examples: [
        {
          command: 'lockstep compare',
          does: 'Optimizers and warm-ups on MNIST, or on two spirals where it is not installed.',
        },
        {
          command: 'lockstep compare --optimizers adam,lion,muon --tune 6 --epochs 3',
          does: 'Any optimizers, each at the best of six rates.',
        },
        {
          command: 'lockstep compare --vary depth=2,8,20 residual=yes,no --design full --dry-run',
          does: 'From which depth on residual connections matter; first, how long that would take.',
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
      name: 'plan',
      summary: 'Tells how well a training will run on many ranks, before there are any.',
      details: [
        'It computes what it says by the formulas that it prints, and measures nothing. Processes on one machine share its link: give each its part of the bandwidth.',
      ],
      flags: planFlags,
      examples: [
        {
          command:
            'lockstep plan --parameters 100M --step-ms 300 --ranks 64 --bandwidth 25Gbit --latency 5us',
          does: 'Communication and efficiency each way, and from 2 ranks to 1,024.',
        },
      ],
    },
    async (values) => plan(values),
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
