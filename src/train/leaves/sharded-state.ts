import { Lent } from '../../backend/memory.js';
import { type Copying, stateCopied } from '../../core/copied-state.js';
import { checkDType, type DType, dtypeOf, zeros } from '../../core/dtypes.js';
import { type Loading, prepareLoading } from '../../core/loading.js';
import type { FloatArray } from '../../core/types.js';
import { checkInteger, checkObject, show } from '../../core/validate.js';
import { Optimizer } from '../../optim/optimizer.js';
import type { OptimizerState, ParameterStateDict } from '../../optim/state-dict.js';
import type { Stepper } from '../options.js';
import type { Pace } from '../pace.js';
import { range } from './ranks.js';
import type { Shards } from './shards.js';

/** What a rank has to say of the states of a parameter before it sends them. */
interface Announced {
  readonly step: number;
  readonly arrays: readonly { readonly name: string; readonly dtype: DType; readonly length: number }[];
}

/**
 * The state of an optimizer of which every rank has a share: the first rank collects all of it for a checkpoint, which so does not
 * depend on how many there were. Whoever goes on reads all, and keeps his share.
 */
export class ShardedState {
  readonly #optimizer: Stepper;
  readonly #shards: Shards;
  readonly #pace: Pace;
  #collected: OptimizerState | null = null;

  constructor(optimizer: Stepper, shards: Shards, pace: Pace) {
    this.#optimizer = optimizer;
    this.#shards = shards;
    this.#pace = pace;
  }

  /** What was collected last, for whoever asks first: it takes the memory of all ranks' states. */
  stateDict(): OptimizerState {
    const collected = this.#collected;
    this.#collected = null;
    return collected ?? this.#own.stateDict();
  }

  loadStateDict(state: unknown): void {
    this.#own.loadStateDict(state);
  }

  [prepareLoading](state: unknown): Loading | null {
    return this.#own[prepareLoading](state);
  }

  /**
   * To be called by all ranks.
   * @param copying where the first rank's copies are made, which nobody may change before they are saved
   */
  async collect(label: string, copying: Copying): Promise<void> {
    const { rank } = this.#shards.communicator;
    await this.#pace.settled();
    // The others send what is there, and go on when they have.
    const own = this.#pace.runAtOnce(() => stateCopied(this.#own, rank === 0 ? copying : new Lent(copying)));
    const passing = new Map<string, FloatArray>();
    const receiver = (dtype: DType, length: number) => {
      if (rank === 0) return copying.take(dtype, length);
      const kind = `${dtype} ${length}`;
      const array = passing.get(kind) ?? zeros(dtype, length);
      passing.set(kind, array);
      return array;
    };
    const keys = this.#own.parameters().map((parameter, i) => ({
      key: parameter.name ?? `#${i}`,
      owner: this.#shards.saverOf(parameter),
    }));
    const announced = await this.#announce(
      keys.flatMap(({ key, owner }) =>
        owner === rank ? [[key, announce(own.parameters[key])] as const] : [],
      ),
      label,
    );
    const parameters: Record<string, ParameterStateDict> = {};
    for (const { key, owner } of keys) {
      const { step, arrays } = announced[owner][key];
      const all: Record<string, FloatArray> = {};
      for (const { name, dtype, length } of arrays) {
        const array = owner === rank ? own.parameters[key].arrays[name] : receiver(dtype, length);
        await this.#shards.communicator.broadcast(array, owner, `${name} of ${key}, ${label}`);
        if (rank === 0) all[name] = array;
      }
      parameters[key] = { step, arrays: all };
    }
    this.#collected = rank === 0 ? { ...own, parameters } : null;
  }

  get #own(): Optimizer {
    if (this.#optimizer instanceof Optimizer) return this.#optimizer;
    throw new TypeError('a sharded optimizer must be an Optimizer');
  }

  /** Has every rank know what all have. */
  async #announce(
    own: readonly (readonly [string, Announced])[],
    label: string,
  ): Promise<Readonly<Record<string, Announced>>[]> {
    const { communicator } = this.#shards;
    const { rank, size } = communicator;
    const bytes = Buffer.from(JSON.stringify(Object.fromEntries(own)));
    const lengths = new Int32Array(size);
    lengths[rank] = bytes.length;
    await communicator.gatherParts(lengths, range(size), `what states there are, ${label}`);
    const partition = [0];
    for (const length of lengths) partition.push(partition[partition.length - 1] + length);
    const words = new Int32Array(partition[size]);
    words.set(bytes, partition[rank]);
    await communicator.gatherParts(words, partition, `which states there are, ${label}`);
    return Array.from(lengths, (_, r) => {
      const text = Buffer.from(Uint8Array.from(words.subarray(partition[r], partition[r + 1]))).toString();
      return readAnnounced(JSON.parse(text));
    });
  }
}

function readAnnounced(announced: unknown): Readonly<Record<string, Announced>> {
  checkObject('what a rank announces', announced);
  const entries = Object.entries(announced).map(([key, value]): [string, Announced] => {
    checkObject(key, value);
    const { step, arrays } = value;
    checkInteger(`${key}.step`, step, 0);
    if (!Array.isArray(arrays)) throw new TypeError(`${key}.arrays must be an array, got ${show(arrays)}`);
    return [key, { step, arrays: arrays.map((array: unknown) => readArray(key, array)) }];
  });
  return Object.fromEntries(entries);
}

function readArray(key: string, array: unknown): Announced['arrays'][number] {
  checkObject(key, array);
  const { name, dtype, length } = array;
  if (typeof name !== 'string') throw new TypeError(`${key}: name must be a string, got ${show(name)}`);
  checkDType(`${key}.${name}`, dtype);
  checkInteger(`${key}.${name}`, length, 0);
  return { name, dtype, length };
}

function announce({ step, arrays }: ParameterStateDict): Announced {
  const all = Object.entries(arrays).map(([name, array]) => ({
    ...{ name, dtype: dtypeOf(array), length: array.length },
  }));
  return { step, arrays: all };
}
