import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { judge } from '../../bench/gemm/judge.js';
import { checkSame, makeProblem } from '../../bench/gemm/problem.js';
import { OWN } from '../../bench/lines.js';
import type { Timing } from '../../bench/measure.js';

const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));

// Libraries start processes for each number of threads: two wait for `npm run check`.
const threads = process.env.LOCKSTEP_TEST_LONG ? '1,2' : '1';

it('bench gemm --quick has a line for every product and names every library, present or not', () => {
  const run = spawnSync(
    process.execPath,
    ['--import', 'tsx', main, 'gemm', '--quick', '--threads', threads],
    {
      encoding: 'utf8',
    },
  );
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
  for (const name of ['sgemm 16x16x16', 'sgemm 9Tx10Tx11', 'dgemm 16x16x16', 'dgemm 9Tx10Tx11']) {
    expect(run.stdout).toMatch(new RegExp(`^${name} .*$`, 'm'));
  }
  for (const library of ['OpenBLAS', 'oneDNN', 'BLIS']) {
    expect(run.stdout).toMatch(new RegExp(`^ {2}${library} (lib|absent: )`, 'm'));
  }
  expect(run.stdout).toMatch(/^product +threads +limit +GFLOP\/s +busy +of limit/m);
  expect(run.stdout).not.toMatch(/NaN|Infinity|undefined/);
}, 120_000);

function timing(name: string, speed: number): Timing {
  return {
    contender: { name, threads: 1, work: 1, run: () => ({ seconds: 1, processor: 1 }) },
    steps: 1,
    processors: 1,
    speeds: [speed, speed],
    speed: { median: speed, low: speed, high: speed },
  };
}

describe('judge', () => {
  const caseOf = (name: string, own: number, blas: number, dnn: number) => ({
    name,
    timings: [timing(OWN, own), timing('OpenBLAS', blas), timing('oneDNN', dnn)],
  });
  const judged = (...cases: Parameters<typeof judge>[0]) => judge(cases, [1]).map(({ verdict }) => verdict);

  it('takes the geometric mean over the products, and the worst product against the better library', () => {
    const cases = [
      caseOf('sgemm 1', 220, 100, 200),
      caseOf('sgemm 2', 55, 100, 60),
      caseOf('dgemm 1', 1, 1, 1),
    ];
    const [blas, dnn, worst, double] = judge(cases, [1]);
    expect(blas).toEqual({
      text: 'sgemm, 1 thread: geometric mean 1.10 x OpenBLAS (>= 1.1)',
      verdict: 'PASS',
    });
    expect(dnn.text).toContain('geometric mean 1.00 x oneDNN');
    expect(worst).toEqual({
      text: 'sgemm, 1 thread: worst shape 0.55 at sgemm 2 x the better of OpenBLAS and oneDNN (>= 0.9)',
      verdict: 'SHORT',
    });
    expect(double.verdict).toBe('PASS');
  });

  it('says so where something was not measured', () => {
    expect(judged({ name: 'sgemm 1', timings: [timing(OWN, 1)] })).toEqual(Array(4).fill('NOT MEASURED'));
  });
});

it('a library that computes something else does not take part', () => {
  const { shape, c } = makeProblem('sgemm', { m: 2, n: 2, k: 3, transA: false, transB: false });
  const other = c.slice();
  other[3] = 0.1;
  expect(() => checkSame('X', c, c.slice(), shape)).not.toThrow();
  expect(() => checkSame('X', other, c, shape)).toThrow('X computes another product: C[3] is 0.1');
});
