import { fileURLToPath } from 'node:url';
import { Child, numberIn } from '../peers/child.js';
import { absent, type Competitor, NAMES } from './competitor.js';
import { size } from './problem.js';

const script = fileURLToPath(new URL('pytorch.py', import.meta.url));

/** PyTorch's optimizers: as they are by default, tensor by tensor, and with `foreach`. */
export async function openPytorch(python: string, threads: readonly number[]): Promise<Competitor> {
  let started: Awaited<ReturnType<typeof Child.start>>;
  try {
    started = await Child.start(python, [script]);
  } catch (error) {
    return absent(NAMES.pytorch, error instanceof Error ? error.message : String(error));
  }
  const { child, hello } = started;
  return {
    name: NAMES.pytorch,
    version: String(hello.version),
    async prepare({ pytorch }, shape) {
      if (pytorch === undefined) return null;
      const { tensors, length } = shape;
      const { name, options } = pytorch;
      await child.request({ command: 'prepare', optimizer: name, options, tensors, length });
      return {
        contenders: [false, true].flatMap((foreach) =>
          threads.map((count) => ({
            name: foreach ? NAMES.pytorchForeach : NAMES.pytorch,
            threads: count,
            work: size(shape),
            run: async (steps: number) =>
              numberIn(await child.request({ command: 'run', foreach, threads: count, steps }), 'seconds'),
          })),
        ),
        async finish() {
          await child.request({ command: 'finish' });
        },
      };
    },
    close: () => child.close(),
  };
}
