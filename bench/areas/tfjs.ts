import { type Column, renderTable } from '../../src/text/table.js';
import type { Acceptance, Area, AreaReport, Case, Settings } from '../area.js';
import { type Line, linesOf, OWN, right } from '../lines.js';
import { loadNn } from '../lockstep.js';
import { type Contender, fastest, interleave, type Plan, ratio, type Timing } from '../measure.js';
import { type Child, type Message, sampleIn, startProgram } from '../peers/child.js';
import { peerEnvironment } from '../peers/environment.js';
import { ONNX, OnnxPeer } from '../peers/onnx.js';
import { attemptTfjs } from '../peers/tfjs.js';
import { verdictOn } from '../promise.js';
import { comparedText, processorsText, threadText, timingText } from '../text.js';
import { KERNELS } from '../tfjs/kernels.js';
import { BATCHES, MODELS, type ModelName } from '../tfjs/models.js';

// TensorFlow.js on this package's backend, beside its own ones: the same program in a process of its own for each of them.

const script = new URL('../tfjs/process.ts', import.meta.url);
const plan: Plan = { rounds: 7, seconds: 0.3, pause: 20 };
const kernelPlan: Plan = { rounds: 5, seconds: 0.02, pause: 0 };
const quickPlan: Plan = { rounds: 1, seconds: 1e-4, pause: 0 };
const [SMALL, LARGE] = [64, 2 ** 16];

/** What kernels may take of a call on few elements. */
const MOST_MICROSECONDS = 1;

/** The engine of TensorFlow.js alone: the same run without what happens in kernels. Of an operation, what happens in them. */
const ENGINE = 'engine';
const [WASM, CPU] = ['tfjs-wasm', 'tfjs-cpu'];

/** What is promised of whole models: how much faster than whom. */
const PROMISES: readonly { readonly model: ModelName; readonly than: string; readonly least: number }[] = [
  { model: 'mlp', than: WASM, least: 20 },
  { model: 'mlp', than: CPU, least: 100 },
  { model: 'cnn', than: CPU, least: 200 },
  { model: 'lstm', than: WASM, least: 3 },
  { model: 'lstm', than: ENGINE, least: 1 / 1.5 },
  { model: 'mobilenet', than: WASM, least: 3 },
  { model: 'forward', than: ONNX, least: 0.9 },
];

interface Backend {
  /** How the contender is called. */
  readonly name: string;
  readonly child: Child;
  readonly threads: number;
  /** What a request to prepare says besides what. */
  readonly request: Message;
}

/** The engine collects garbage and compiles on threads of its own: one thread is one thread for all of it. */
const nodeFlags = (threads: number) => (threads === 1 ? ['--single-threaded'] : []);

/** A process for each backend and number of threads. */
async function startAll(threads: readonly number[]): Promise<Backend[]> {
  const wanted = threads.flatMap((count) => [
    { name: OWN, backend: 'lockstep', threads: count, request: {} },
    { name: WASM, backend: 'wasm', threads: count, request: {} },
  ]);
  const all = [
    ...wanted,
    { name: CPU, backend: 'cpu', threads: 1, request: {} },
    { name: ENGINE, backend: 'lockstep', threads: 1, request: { engine: true } },
  ];
  return Promise.all(
    all.map(async ({ name, backend, threads: count, request }) => {
      const environment = peerEnvironment(count, { LOCKSTEP_THREADS: String(count) });
      const { child } = await startProgram(script, [backend, String(count)], environment, nodeFlags(count));
      return { name, child, threads: count, request };
    }),
  );
}

/**
 * Seconds that a contender runs before it is measured: all that is not in kernels is JavaScript, which is compiled while it runs,
 * and a step of many small operations takes seconds to become as fast as it will be.
 */
const WARM = { model: 3, kernel: 0.15 };

/** Those that can take the step; `failures` tells of the others. The wasm backend has kernels without gradients. */
async function contenders(
  backends: readonly Backend[],
  request: Message,
  work: number,
  warm: number,
  failures: string[],
): Promise<Contender[]> {
  const list: Contender[] = [];
  for (const { name, child, threads, request: more } of backends) {
    const run = async (steps: number) => sampleIn(await child.request({ command: 'run', steps }));
    try {
      await child.request({ command: 'prepare', ...request, ...more });
      const start = performance.now();
      await run(1);
      for (let steps = 1; performance.now() - start < 1000 * warm; steps *= 2) await run(steps);
      list.push({ name, threads, work, run });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const what = Object.values(request).join(', ');
      failures.push(`${name}, ${threadText(threads)}, without ${what}: ${message.slice(0, 120)}`);
    }
  }
  return list;
}

/** The backend in plain JavaScript, in a process of its own: some of its steps take a minute. */
async function withCpu(timings: Timing[], request: Message, work: number, enough: number): Promise<Timing[]> {
  const attempt = await attemptTfjs(script, 'cpu', request, work, { enough, most: 300 });
  return 'timing' in attempt ? [...timings, attempt.timing] : timings;
}

async function measureModel(
  model: ModelName,
  backends: readonly Backend[],
  settings: Settings,
  failures: string[],
): Promise<Case> {
  const { name, batch, trains } = MODELS[model];
  const work = trains ? BATCHES * batch : batch;
  const able = backends.filter(({ name: one }) => one !== CPU && (one !== ENGINE || model === 'lstm'));
  const list = await contenders(able, { model }, work, settings.quick ? 0 : WARM.model, failures);
  const onnx = model === 'forward' && !settings.quick ? await OnnxPeer.open(settings) : null;
  try {
    const peers =
      onnx === null ? [] : await onnx.prepare({ network: 'mlp', quick: false }, await loadNn(settings), work);
    const timings = await interleave([...list, ...peers], settings.quick ? quickPlan : plan);
    return { name, timings: settings.quick ? timings : await withCpu(timings, { model }, work, 2) };
  } finally {
    onnx?.close();
  }
}

async function measureKernel(
  kernel: string,
  elements: number,
  backends: readonly Backend[],
  settings: Settings,
  failures: string[],
): Promise<Case> {
  const single = backends.filter(
    ({ name, threads }) => threads === 1 && (name !== ENGINE || elements === SMALL),
  );
  const list = await contenders(
    single,
    { kernel, elements },
    elements,
    settings.quick ? 0 : WARM.kernel,
    failures,
  );
  return {
    name: `${kernel}, ${elements}`,
    timings: await interleave(list, settings.quick ? quickPlan : kernelPlan),
  };
}

function table(cases: readonly Case[], threads: readonly number[], unit: number): string {
  const lines = linesOf(cases, threads).filter(({ find }) => find(OWN) !== undefined);
  const peer = (name: string, title: string): Column<Line>[] => [
    right(title, ({ find }) => timingText(find(name), unit)),
    right('busy', ({ find }) => processorsText(find(name))),
    right(`${OWN} is`, ({ find }) => comparedText(find(OWN), find(name))),
  ];
  const has = (name: string) => lines.some(({ find }) => find(name) !== undefined);
  const columns: Column<Line>[] = [
    { title: 'step', align: 'left', text: ({ name }) => name },
    right('threads', (line) => String(line.threads)),
    right(OWN, ({ find }) => timingText(find(OWN), unit)),
    right('busy', ({ find }) => processorsText(find(OWN))),
    ...[WASM, CPU, ENGINE, ONNX].filter(has).flatMap((name) => peer(name, name)),
  ];
  return renderTable(columns, lines);
}

const slower = (theirs: string, least: number) => (one: Case) => {
  const found = ratioOf(one, theirs);
  return found !== undefined && found < least;
};

/** Medians, where the peers were not measured in the same rounds. */
function ratioOf({ timings }: Case, theirs: string, threads = 1): number | undefined {
  const [own, other] = [
    fastest(timings, OWN, threads),
    fastest(timings, theirs, theirs === CPU ? 1 : threads),
  ];
  return own === undefined || other === undefined ? undefined : own.speed.median / other.speed.median;
}

function acceptanceOf(models: ReadonlyMap<ModelName, Case>, settings: Settings): Acceptance[] {
  return PROMISES.flatMap(({ model, than, least }) => {
    const one = models.get(model);
    if (one === undefined) return [];
    return settings.threads.flatMap((threads) => {
      if (than === ENGINE && threads > 1) return [];
      const own = fastest(one.timings, OWN, threads);
      const other = fastest(one.timings, than, than === CPU ? 1 : threads);
      const name = `${one.name}, ${threadText(threads)}`;
      return [
        verdictOn({
          name,
          than: `x ${than}`,
          least,
          measured: settings.quick ? undefined : ratio(own, other),
        }),
      ];
    });
  });
}

function kernelAcceptance(cases: readonly Case[], elements: number, than: string): Acceptance {
  const of = cases.filter(({ name }) => name.endsWith(`, ${elements}`));
  const below = of
    .filter(slower(than, 1))
    .map(({ name, timings }) => `${name} ${ratioOf({ name, timings }, than)?.toFixed(2)}`);
  const compared = of.filter((one) => ratioOf(one, than) !== undefined).length;
  return {
    text: `${compared} operations on ${elements} elements, none below 1.0 x ${than}: ${below.join('; ') || 'none is'}`,
    verdict: compared === 0 ? 'NOT MEASURED' : below.length === 0 ? 'PASS' : 'SHORT',
  };
}

/** What kernels take of the calls of operations on few elements. */
function partAcceptance(cases: readonly Case[]): Acceptance {
  const parts = cases.flatMap(({ name, timings }) => {
    const inside = name.endsWith(`, ${SMALL}`) ? fastest(timings, ENGINE, 1) : undefined;
    return inside === undefined ? [] : [{ name, microseconds: 1e6 * (SMALL / inside.speed.median) }];
  });
  const above = parts.filter(({ microseconds }) => microseconds > MOST_MICROSECONDS);
  const list = above.map(({ name, microseconds }) => `${name} ${microseconds.toFixed(2)}`).join('; ');
  return {
    text: `${parts.length} operations on ${SMALL} elements, none above ${MOST_MICROSECONDS} us in kernels: ${list || 'none is'}`,
    verdict: parts.length === 0 ? 'NOT MEASURED' : above.length === 0 ? 'PASS' : 'SHORT',
  };
}

export const tfjs: Area = {
  summary: 'TensorFlow.js on this backend, samples/s and elements/s, float32',
  async run(settings): Promise<AreaReport> {
    const backends = await startAll(settings.threads);
    const failures: string[] = [];
    const [models, cases] = [new Map<ModelName, Case>(), [] as Case[]];
    try {
      for (const model of Object.keys(MODELS) as ModelName[]) {
        if (!MODELS[model].name.includes(settings.only)) continue;
        settings.progress(MODELS[model].name);
        models.set(model, await measureModel(model, backends, settings, failures));
      }
      for (const kernel of Object.keys(KERNELS)) {
        for (const elements of [SMALL, LARGE]) {
          if (!`${kernel}, ${elements}`.includes(settings.only)) continue;
          settings.progress(`${kernel}, ${elements}`);
          cases.push(await measureKernel(kernel, elements, backends, settings, failures));
        }
      }
    } finally {
      for (const { child } of backends) child.close();
    }
    const all = [...models.values()];
    return {
      table: `${table(all, settings.threads, 1)}\n\n${table(cases, [1], 1e6)}`,
      notes: [
        'Models: samples a second, of whole calls of fit or predict. Kernels: millions of elements a second, one thread, with',
        `what the engine takes for a call. ${CPU}: one run after a first one. ${ENGINE}: of a model the run of ${OWN} without the time in`,
        'kernels, of an operation that time alone.',
        ...failures,
      ],
      acceptance: [
        ...acceptanceOf(models, settings),
        ...(cases.length > 0
          ? [kernelAcceptance(cases, SMALL, CPU), kernelAcceptance(cases, LARGE, WASM), partAcceptance(cases)]
          : []),
      ],
      peers: { 'TensorFlow.js': '4.22' },
      cases: [...all, ...cases],
    };
  },
};
