import type { Area, AreaReport, Case, Settings } from '../area.js';
import { loadLockstep } from '../lockstep.js';
import { interleave, type Plan } from '../measure.js';
import { judge } from '../optimizers/acceptance.js';
import { type Competitor, NAMES } from '../optimizers/competitor.js';
import { openOwn } from '../optimizers/own.js';
import { quickShapes, type Shape, shapes, size, TOO_LONG_FOR_PASSES } from '../optimizers/problem.js';
import { pytorchCompetitor } from '../optimizers/pytorch.js';
import { type Row, rows } from '../optimizers/rows.js';
import { loadSameTraffic } from '../optimizers/same-traffic.js';
import { optimizerTable } from '../optimizers/table.js';
import { openTfjs } from '../optimizers/tfjs.js';
import { openPytorch } from '../peers/pytorch.js';

const plan: Plan = { rounds: 9, seconds: 0.1, pause: 30 };
const quickPlan: Plan = { rounds: 2, seconds: 1e-4, pause: 0 };

/** A step of every optimizer against the loop that memory allows, PyTorch and TensorFlow.js. */
export const optimizers: Area = {
  summary: 'optimizer steps, Gparam/s, float32',
  async run(settings) {
    const loop = loadSameTraffic();
    const competitors = [
      openOwn(await loadLockstep(settings), loop, settings.threads),
      pytorchCompetitor(await openPytorch(settings.python, settings.threads)),
      await openTfjs('cpu', NAMES.tfjsCpu),
      await openTfjs('wasm', NAMES.tfjsWasm),
    ];
    try {
      const peers = [{ name: NAMES.loop, version: loop.version }, ...competitors];
      return report(await measureAll(competitors, settings), peers, settings);
    } finally {
      for (const competitor of competitors) competitor.close();
    }
  },
};

async function measureAll(competitors: readonly Competitor[], settings: Settings): Promise<Case[]> {
  const cases: Case[] = [];
  for (const shape of settings.quick ? quickShapes : shapes) {
    for (const row of rows) {
      const name = `${row.name} ${shape.name}`;
      if (!name.includes(settings.only) || (row.isComposed && size(shape) >= TOO_LONG_FOR_PASSES)) continue;
      settings.progress(name);
      cases.push({ name, ...(await measure(competitors, row, shape, settings)) });
    }
  }
  return cases;
}

async function measure(competitors: readonly Competitor[], row: Row, shape: Shape, { quick }: Settings) {
  const prepared = [];
  for (const competitor of competitors) {
    const one = await competitor.prepare(row, shape);
    if (one !== null) prepared.push(one);
  }
  const contenders = prepared.flatMap((one) => one.contenders);
  const timings = await interleave(contenders, quick ? quickPlan : plan);
  for (const one of prepared) await one.finish();
  return { timings };
}

function report(
  cases: readonly Case[],
  peers: readonly Pick<Competitor, 'name' | 'version'>[],
  { threads }: Settings,
): AreaReport {
  return {
    table: optimizerTable(cases, threads),
    notes: [
      'Speeds: medians over the rounds ± half of the distance between the quartiles. Ratios: medians of the ratios',
      'within each round, on the same number of threads; TensorFlow.js has one. busy: processor time over wall time;',
      'more than 1.1 times the threads is void. limit: a loop with next to no arithmetic over the same memory, in its',
      'own number of bits, the faster of one that asks for lines ahead and one that does not, and of limit the share',
      'of it. PyTorch: the fastest of its ways, which is named last.',
      '-: the peer has no such optimizer, or is absent.',
    ],
    acceptance: judge(cases, threads),
    peers: Object.fromEntries(peers.map(({ name, version }) => [name, version])),
    cases,
  };
}
