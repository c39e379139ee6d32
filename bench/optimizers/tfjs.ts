import { sampleIn } from '../peers/child.js';
import { startTfjs, type TfjsBackend } from '../peers/tfjs.js';
import { absent, type Competitor } from './competitor.js';
import { size } from './problem.js';

const script = new URL('tfjs-process.ts', import.meta.url);

/** TensorFlow.js on one of its backends that run in Node, each in a process of its own. */
export async function openTfjs(backend: TfjsBackend, name: string): Promise<Competitor> {
  let started: Awaited<ReturnType<typeof startTfjs>>;
  try {
    started = await startTfjs(script, backend);
  } catch (error) {
    return absent(name, error instanceof Error ? error.message : String(error));
  }
  const { child, hello } = started;
  return {
    name,
    version: String(hello.version),
    async prepare({ tfjs }, shape) {
      if (tfjs === undefined) return null;
      const { tensors, length } = shape;
      await child.request({ command: 'prepare', optimizer: tfjs.name, args: tfjs.args, tensors, length });
      return {
        contenders: [
          {
            name,
            threads: 1,
            work: size(shape),
            run: async (steps) => sampleIn(await child.request({ command: 'run', steps })),
          },
        ],
        async finish() {
          await child.request({ command: 'finish' });
        },
      };
    },
    close: () => child.close(),
  };
}
