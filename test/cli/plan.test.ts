import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it, test, vi } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { UsageError } from '../../src/cli/errors.js';
import { parseFlags } from '../../src/cli/flags.js';
import {
  estimate,
  exposedSeconds,
  foldSeconds,
  messageSeconds,
  type Network,
  packageWay,
  WAYS,
} from '../../src/cli/plan/model.js';
import { planFlags, planOptions } from '../../src/cli/plan/options.js';
import { nearRanks } from '../../src/distributed/levels.js';
import { temporaryFolder } from './run-cli.js';

const NEEDED = [
  '--parameters=100M',
  '--step-ms=300',
  '--ranks=64',
  '--bandwidth=25Gbit',
  '--latency=5us',
] as const;

function options(...args: readonly string[]) {
  const flags = parseFlags(planFlags, args);
  if (flags === 'help') throw new Error('asked for help');
  return planOptions(flags);
}

describe('the flags', () => {
  it('are read with their units', () => {
    expect(options(...NEEDED)).toEqual({
      parameters: 1e8,
      bytesPerParameter: 4,
      ranks: 64,
      training: { bytes: 4e8, bucketBytes: 25e6, stepSeconds: 0.3, backwardShare: 2 / 3 },
      network: { bandwidth: 3.125e9, latency: 5e-6, overhead: 2.5e-6, fold: 1e10 },
      json: null,
    });
  });

  it.each<[string, keyof typeof planFlags, number]>([
    ['7', 'parameters', 7],
    ['1.5K', 'parameters', 1500],
    ['7B', 'parameters', 7e9],
    ['300ms', 'step-ms', 0.3],
    ['10Mbit', 'bandwidth', 1.25e6],
    ['0.4Tbit', 'bandwidth', 5e10],
    ['3GB', 'bandwidth', 3e9],
    ['1500ns', 'latency', 1.5e-6],
    ['0us', 'latency', 0],
    ['1.1µs', 'overhead', 1.1e-6],
    ['0.5', 'backward-share', 0.5],
    ['2/3', 'backward-share', 2 / 3],
    ['0', 'backward-share', 0],
    ['64kB', 'bucket', 64e3],
  ])('%s for --%s', (text, name, value) => {
    expect(planFlags[name].parse(text, `--${name}`)).toBe(value);
  });

  const units = {
    parameters: 'a number of parameters above 0, with no unit or one of K, M, B, T, such as 100M or 7B',
    'step-ms': 'a time in milliseconds above 0, with no unit or ms, such as 300',
    bandwidth: 'bits or bytes a second above 0, with one of Mbit, Gbit, Tbit, MB, GB, such as 25Gbit or 3GB',
    latency: 'a time, with one of ns, us, µs, ms, s, such as 5us',
  } as const;

  it.each<[keyof typeof units, string]>([
    ['parameters', '100MB'],
    ['parameters', '0'],
    ['parameters', '-5M'],
    ['parameters', '1e8'],
    ['parameters', 'M'],
    ['parameters', ''],
    ['step-ms', '0.3s'],
    ['bandwidth', '25'],
    ['bandwidth', '25Gb'],
    ['bandwidth', '25gbit'],
    ['bandwidth', '25Gbit/s'],
    ['bandwidth', '25 Gbit'],
    ['bandwidth', '0Gbit'],
    ['latency', '5'],
    ['latency', '5toString'],
    ['latency', `${'9'.repeat(400)}s`],
  ])('refuse --%s %s, and say what to write', (name, text) => {
    const message = `--${name} must be ${units[name]}; got ${JSON.stringify(text)}`;
    expect(() => planFlags[name].parse(text, `--${name}`)).toThrow(new UsageError(message));
  });

  it.each([
    [
      ['--backward-share=2'],
      '--backward-share must be a number in [0, 1] or a fraction, such as 0.5 or 2/3; got "2"',
    ],
    [
      ['--backward-share=1/0'],
      '--backward-share must be a number in [0, 1] or a fraction, such as 0.5 or 2/3; got "1/0"',
    ],
    [['--ranks=1'], '--ranks must be an integer in [2, 1000000], got "1"'],
    [
      ['--overhead=3us'],
      '--overhead is a part of --latency at both ends: it must be at most half of its 0.000005 s, got 0.000003 s',
    ],
    [['--parameters=1.5'], '--parameters must be a whole number of parameters, got 1.5'],
  ])('refuse %j', (args, message) => {
    expect(() => options(...NEEDED, ...args)).toThrow(new UsageError(message));
  });

  it.each(NEEDED)('need %s', (flag) => {
    const name = flag.slice(0, flag.indexOf('='));
    expect(() => options(...NEEDED.filter((other) => other !== flag))).toThrow(
      new UsageError(`plan needs ${name}, such as ${flag.replace('=', ' ')}`),
    );
  });
});

test('the first of two levels has a power of two of ranks, and leaves the fewest messages', () => {
  const ranks = [2, 4, 16, 17, 24, 64, 128, 1000, 1024];
  expect(ranks.map(nearRanks)).toEqual([2, 2, 4, 1, 4, 8, 16, 8, 32]);
  expect([2, 15, 16, 17, 18].map(packageWay)).toEqual(['flat', 'flat', 'two-level', 'flat', 'two-level']);
});

describe('communication', () => {
  const fast: Network = { bandwidth: 1e9, latency: 0, overhead: 0, fold: 2e9 };

  it.each(WAYS)('%s moves 2 n (P - 1) / P bytes, where nothing else takes time', (way) => {
    for (const ranks of [2, 3, 8, 24, 1024]) {
      expect(messageSeconds(way, ranks, 1e9, fast)).toBeCloseTo((2 * (ranks - 1)) / ranks, 9);
      expect(foldSeconds(ranks, 1e9, fast)).toBeCloseTo((ranks - 1) / ranks / 2, 9);
    }
  });

  it('has latencies of messages that follow each other, not of those that are on their way at once', () => {
    const slow: Network = { bandwidth: 1e9, latency: 1e-3, overhead: 0, fold: 2e9 };
    const latencies = (way: (typeof WAYS)[number]) => (messageSeconds(way, 64, 0, slow) / 1e-3).toFixed(6);
    expect(WAYS.map(latencies)).toEqual(['126.000000', '2.000000', '4.000000']);
  });

  it('has the overheads of all messages, and hides those of sending behind the link', () => {
    const busy: Network = { bandwidth: 1e9, latency: 2e-3, overhead: 1e-3, fold: 2e9 };
    // Of 64 ranks, with nothing to send; then with 5 ms for each message of the flat exchange.
    expect(messageSeconds('flat', 64, 0, busy)).toBeCloseTo(2 * (2 + 62 * 2) * 1e-3, 9);
    expect(messageSeconds('two-level', 64, 0, busy)).toBeCloseTo(4 * (2 + 6 * 2) * 1e-3, 9);
    expect(messageSeconds('flat', 64, 64 * 5e6, busy)).toBeCloseTo(2 * (2 + 5 + 62 * (5 + 1)) * 1e-3, 9);
  });

  it.each(WAYS)('%s takes longer on a worse network, and no time on one rank', (way) => {
    const rate = fc.double({ min: 1e6, max: 1e11, noNaN: true });
    const time = fc.double({ min: 0, max: 1e-3, noNaN: true });
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 2000 }),
        fc.double({ min: 1, max: 1e10, noNaN: true }),
        fc.record({ bandwidth: rate, latency: time, overhead: time, fold: rate }),
        (ranks, bytes, network) => {
          const now = messageSeconds(way, ranks, bytes, network);
          const worse: readonly Partial<Network>[] = [
            { latency: network.latency + 1e-4 },
            { overhead: network.overhead * 2 },
            { bandwidth: network.bandwidth / 2 },
          ];
          for (const change of worse) {
            expect(messageSeconds(way, ranks, bytes, { ...network, ...change })).toBeGreaterThanOrEqual(now);
          }
          expect(messageSeconds(way, 1, bytes, network)).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});

/** The exchange as it goes: bucket by bucket, each when it is there and the one before has ended. */
function simulate(bucketSeconds: number, buckets: number, backwardSeconds: number): number {
  let free = 0;
  for (let bucket = 1; bucket <= buckets; bucket++) {
    free = Math.max(free, (bucket / buckets) * backwardSeconds) + bucketSeconds;
  }
  return free - backwardSeconds;
}

describe('what is exposed', () => {
  it('is what is left when buckets go one after the other as they become ready', () => {
    const time = fc.double({ min: 0, max: 10, noNaN: true });
    fc.assert(
      fc.property(time, fc.integer({ min: 1, max: 200 }), time, (bucket, buckets, backward) => {
        expect(exposedSeconds(bucket, buckets, backward)).toBeCloseTo(simulate(bucket, buckets, backward), 9);
      }),
    );
  });

  it('is all of it where nothing is hidden', () => {
    const { training, network } = options(...NEEDED, '--backward-share=0');
    const { messageSeconds, foldSeconds, exposedSeconds, efficiency } = estimate(
      'flat',
      8,
      training,
      network,
    );
    expect(exposedSeconds).toBeCloseTo(messageSeconds + foldSeconds, 12);
    expect(efficiency).toBeCloseTo(0.3 / (0.3 + exposedSeconds), 12);
  });
});

test('lockstep plan states its model, prints every way and what the package takes, and writes all numbers', async () => {
  const json = join(temporaryFolder(), 'plan.json');
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await commands.find(({ name }) => name === 'plan')?.start([...NEEDED, '--json', json]);
  const stdout = write.mock.calls.join('');
  write.mockRestore();
  expect(stdout).toContain('25 MB, of 16 buckets with 100,000,000 x 4 bytes in all');
  expect(stdout).toMatch(/\n64 ranks .*\n─+\nring .*\nflat .*\ntwo-level, 8 x 8 \* .* \d+\.\d ranks\n/);
  expect(stdout).toMatch(/\n +8 .* %\s{3,}.* % \* .* %\n/);
  expect(stdout).toMatch(/\n1,024 .* % \*\n/);
  expect(stdout).toMatch(/\n\* what the package takes: flat below 16 ranks/);
  const { plans, network } = JSON.parse(readFileSync(json, 'utf8'));
  expect(network).toEqual(options(...NEEDED).network);
  expect(plans.map(({ ranks }: { ranks: number }) => ranks)).toEqual([
    64, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024,
  ]);
  expect(plans[0]).toMatchObject({ nearRanks: 8, package: 'two-level' });
  const { training, network: asked } = options(...NEEDED);
  expect(plans[0].estimates).toEqual(WAYS.map((way) => estimate(way, 64, training, asked)));
});
