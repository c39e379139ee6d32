// Forward passes of ONNX Runtime, timed in a process of its own, on as many threads as the command line says: see serve().
//
// prepare { network, quick, file } -> { output } of the first batch.
import { checkOneOf } from '../../src/core/validate.js';
import { loadNn } from '../lockstep.js';
import { processorSince } from '../measure.js';
import type { Message } from '../peers/child.js';
import { type Prepared, serve } from '../peers/serve.js';
import { networkNames, networks, sizesOf, takeTurns } from '../training/networks.js';

/** What is used of the package `onnxruntime-node`, which is not installed by default. */
interface Runtime {
  readonly env: { readonly versions: { readonly common: string } };
  readonly Tensor: new (
    type: 'float32' | 'int64',
    data: Float32Array | BigInt64Array,
    dims: readonly number[],
  ) => object;
  readonly InferenceSession: {
    create(file: string, options: object): Promise<Session>;
  };
}

interface Session {
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, object>>): Promise<Record<string, { readonly data: Float32Array }>>;
  release(): Promise<void>;
}

const threads = Number(process.argv[2]);
const name: string = 'onnxruntime-node';
const runtime = checkRuntime(await import(name));

function checkRuntime(module: object): Runtime {
  const isRuntime = (value: object): value is Runtime =>
    ['env', 'Tensor', 'InferenceSession'].every((key) => key in value);
  if (!isRuntime(module)) throw new Error(`${name} has no Tensor or InferenceSession`);
  return module;
}

async function prepare({ network: asked, quick, file }: Message): Promise<Prepared> {
  checkOneOf('network', asked, networkNames);
  const nn = await loadNn({ quick: true });
  const examples = takeTurns(networks[asked](sizesOf(quick === true)), nn);
  const feeds = Array.from({ length: 8 }, (_, b) => ({ x: tensorOf(examples(b).x) }));
  const session = await runtime.InferenceSession.create(String(file), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
  });
  const [output] = session.outputNames;
  let taken = 0;
  const first = await session.run(feeds[0]);
  return {
    reply: { output: Array.from(first[output].data) },
    async run(steps) {
      const before = process.cpuUsage();
      const start = performance.now();
      for (let s = 0; s < steps; s++) await session.run(feeds[taken++ % feeds.length]);
      const seconds = (performance.now() - start) / 1000;
      return { seconds, processor: processorSince(before) };
    },
    finish: () => session.release(),
  };
}

/** Letters as integers; an image's only channel may stand first as well as last. */
function tensorOf({
  value,
  shape,
}: {
  readonly value: ArrayLike<number>;
  readonly shape: readonly number[];
}) {
  if (shape.length === 2 && Array.from(value).every(Number.isInteger)) {
    return new runtime.Tensor('int64', BigInt64Array.from(Array.from(value), BigInt), shape);
  }
  const [batch, height, width, channels] = shape;
  const dims = shape.length === 4 ? [batch, channels, height, width] : shape;
  return new runtime.Tensor('float32', Float32Array.from(value), dims);
}

await serve({ version: runtime.env.versions.common }, prepare);
