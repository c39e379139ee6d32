import { createHash } from 'node:crypto';
import { settledArray } from '../../backend/stream.js';
import { VERSION } from '../../core/version.js';
import { written } from '../../core/written.js';
import type { Communicator } from '../../distributed/communicator.js';
import { elementsOf } from '../../nn/engine/tensor.js';
import type { Module } from '../../nn/index.js';
import { range } from './ranks.js';

/** Words of a digest: SHA-256. */
const WORDS = 8;

/**
 * Before the first step: whether all ranks are about to do the same, and then the weights and buffers of the first rank for all.
 * @param options what decides a run beside the model
 * @throws Error naming the ranks that are about to do something else, and what.
 */
export async function startTogether(
  communicator: Communicator,
  model: Module,
  options: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (communicator.size === 1) return;
  const tensors = [...model.namedParameters(), ...model.namedBuffers()];
  const shapes = tensors.map(([name, { shape, dtype, requiresGrad }]) => ({
    name,
    shape,
    dtype,
    requiresGrad,
  }));
  await compare(communicator, { 'version of lockstep': VERSION, model: shapes, ...options });
  for (const [name, tensor] of tensors) {
    const elements = settledArray(elementsOf(tensor));
    // Bytes and masks go as words.
    const numbers = elements instanceof Uint8Array ? Int32Array.from(elements) : elements;
    await communicator.broadcast(numbers, 0, `${name} at the start`);
    if (numbers !== elements) elements.set(numbers);
    tensor[written]();
  }
}

async function compare(communicator: Communicator, topics: Readonly<Record<string, unknown>>): Promise<void> {
  const { rank, size } = communicator;
  const names = Object.keys(topics);
  const own = Int32Array.from(names.flatMap((name) => digest(topics[name])));
  const all = new Int32Array(size * own.length);
  all.set(own, rank * own.length);
  const partition = range(size).map((one) => one * own.length);
  await communicator.gatherParts(all, partition, 'what ranks are about to do');
  const problems = names.flatMap((name, i) => {
    const wordsOf = (other: number) =>
      all.subarray(other * own.length + i * WORDS, other * own.length + (i + 1) * WORDS).join();
    const others = range(size - 1).filter((other) => wordsOf(other) !== wordsOf(0));
    return others.length === 0 ? [] : [`another ${name} at rank ${others.join(', ')}`];
  });
  if (problems.length === 0) return;
  throw new Error(
    `all ranks must train the same way, but there is, beside that of rank 0: ${problems.join('; ')}`,
  );
}

function digest(value: unknown): number[] {
  const bytes = createHash('sha256').update(JSON.stringify(value)).digest();
  return Array.from({ length: WORDS }, (_, word) => bytes.readInt32LE(4 * word));
}
