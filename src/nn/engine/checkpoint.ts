import { noteDraws, replayDraws } from '../../array/generator.js';
import { sameShape, showShape } from '../../core/shapes.js';
import { checkFunction } from '../../core/validate.js';
import { goBackTo, isRecording, makeRoom, operationsOf, record, recording, retire } from './autograd.js';
import { defaultGenerator, withGenerator } from './default-generator.js';
import { type Storage, tick } from './storage.js';
import { checkTensor, nodeOf, storageOf, type Tensor } from './tensor.js';

const NAME = 'checkpoint()';

let recomputing = false;

/** Whether what runs has run before, so that it is not to be learnt from once more. */
export function isRecomputing(): boolean {
  return recomputing;
}

/**
 * `fn(...inputs)`, of which nothing is kept for `backward()` but what it starts from: on the way back it runs once more. So a
 * network of checkpoints holds the values of one of them at a time, for the time of one more forward pass. Random numbers are
 * drawn again from the same places, so that gradients have the same bits as without; running statistics move once.
 *
 * @param fn must be synchronous, give one tensor, and do the same whenever it is called.
 * @param inputs tensors or anything else, for `fn`.
 */
export function checkpoint<Inputs extends readonly unknown[]>(
  fn: (...inputs: Inputs) => Tensor,
  ...inputs: Inputs
): Tensor {
  checkFunction('fn', fn);
  if (!isRecording()) return fn(...inputs);
  const generator = defaultGenerator();
  const since = tick();
  const { result: first, constants } = recording(() => noteDraws(() => fn(...inputs)));
  const { result: output, draws } = first;
  checkTensor('what fn gives', output);
  const operations = operationsOf(output, since);
  const before = outside(operations, output, since);
  makeRoom(operations.map(({ storage }) => storage));
  for (const operation of operations) retire(operation, NAME, storageOf(output));
  releaseAll(constants, storageOf(output));
  if (operations.length === 0) return output;

  const { shape } = output;
  const result = { name: 'checkpoint', shape, out: storageOf(output), inputs: before, reads: before };
  return record(result, (gradient) => {
    const start = tick();
    const outer = recomputing;
    recomputing = true;
    const again = recording(() => replayDraws(draws, () => withGenerator(generator, () => fn(...inputs))));
    recomputing = outer;
    if (!sameShape(again.result.shape, shape)) {
      throw new Error(
        `fn of checkpoint() must do the same again, got shape ${showShape(again.result.shape)} after ${showShape(shape)}`,
      );
    }
    goBackTo(start, again.result, gradient, NAME);
    releaseAll(again.constants, null);
  });
}

/** What operations take that came before them. */
function outside(
  operations: ReturnType<typeof operationsOf>,
  output: Tensor,
  since: number,
): readonly Tensor[] {
  const found = new Set<Tensor>();
  for (const { inputs } of operations) {
    for (const input of inputs) {
      const node = nodeOf(input);
      if (node !== null && (node.isLeaf || node.order <= since) && input !== output) found.add(input);
    }
  }
  return [...found];
}

function releaseAll(storages: readonly Storage[], kept: Storage | null): void {
  for (const storage of storages) if (storage !== kept) storage.release(NAME);
}
