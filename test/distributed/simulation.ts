// Runs the programs of all ranks of a world in this process, as native/mpi/program.cc runs one each.
import type { ElementArray } from '../../src/core/types.js';
import { Program } from '../../src/distributed/program.js';

const FIELDS = 9;
const KINDS = ['send', 'receive', 'wait', 'copy', 'sum', 'min', 'max'] as const;
type Constructor = new (memory: ArrayBufferLike, offset: number, length: number) => ElementArray;
const ARRAYS: readonly (Constructor & { readonly BYTES_PER_ELEMENT: number })[] = [
  Float32Array,
  Float64Array,
  Int32Array,
  Uint8Array,
];

interface Message {
  readonly bytes: Uint8Array;
  /** What was sent, where the library has taken it at once. */
  readonly taken: Uint8Array | null;
  isDone: boolean;
}

class Rank {
  readonly numbers: Float64Array;
  readonly areas: ElementArray[];
  readonly begun: { channel: string; index: number; isSend: boolean }[] = [];
  at = 0;

  constructor(program: Program) {
    this.numbers = program.toArray();
    this.areas = [new Uint8Array(program.scratchBytes), ...program.arrays];
  }

  get isOver(): boolean {
    return this.at * FIELDS === this.numbers.length;
  }

  field(index: number): number {
    return this.numbers[this.at * FIELDS + index] ?? 0;
  }

  bytes(index: number): Uint8Array {
    const area = this.areas[this.field(index)];
    if (area === undefined) throw new Error('no such area');
    const [offset, bytes] = [this.field(index + 1), this.field(2)];
    if (offset + bytes > area.byteLength) throw new Error('outside of its area');
    return new Uint8Array(area.buffer, area.byteOffset + offset, bytes);
  }
}

export interface Traffic {
  bytes: number;
  messages: number;
}

/**
 * @param write what each rank does
 * @param isEager whether a message is read where it is sent, or as late as it may be
 * @returns what each rank has sent
 */
export function simulate(
  size: number,
  write: (program: Program, rank: number) => void,
  isEager: boolean,
): Traffic[] {
  const ranks = Array.from({ length: size }, (_, rank) => {
    const program = new Program();
    write(program, rank);
    return new Rank(program);
  });
  const traffic = ranks.map(() => ({ bytes: 0, messages: 0 }));
  const sent = new Map<string, Message[]>();
  const received = new Map<string, Message[]>();

  function begin(rank: number, self: Rank, isSend: boolean): void {
    const peer = self.field(1);
    const channel = isSend ? `${rank} ${peer}` : `${peer} ${rank}`;
    const list = (isSend ? sent : received).get(channel) ?? [];
    (isSend ? sent : received).set(channel, list);
    const bytes = self.bytes(3);
    list.push({ bytes, taken: isSend && isEager ? bytes.slice() : null, isDone: false });
    self.begun.push({ channel, index: list.length - 1, isSend });
    const own = traffic[rank];
    if (!isSend || own === undefined) return;
    own.bytes += bytes.length;
    own.messages++;
  }

  /** Whether the message is over; it is moved where it can be. */
  function isOver({ channel, index, isSend }: Rank['begun'][number]): boolean {
    const [from, to] = [sent.get(channel)?.[index], received.get(channel)?.[index]];
    if (from !== undefined && to !== undefined && !to.isDone) {
      if (from.bytes.length !== to.bytes.length) throw new Error(`lengths differ on ${channel}`);
      to.bytes.set(from.taken ?? from.bytes);
      from.isDone = to.isDone = true;
    }
    return isSend ? from?.taken !== null || from.isDone : to?.isDone === true;
  }

  function combine(self: Rank, kind: 'sum' | 'min' | 'max'): void {
    const Type = ARRAYS[self.field(1)];
    if (Type === undefined) throw new Error('no such type');
    const view = (bytes: Uint8Array): ElementArray =>
      new Type(bytes.buffer, bytes.byteOffset, bytes.length / Type.BYTES_PER_ELEMENT);
    const [to, left, right] = [view(self.bytes(3)), view(self.bytes(5)), view(self.bytes(7))];
    for (let i = 0; i < to.length; i++) {
      const [x, y] = [left[i] ?? 0, right[i] ?? 0];
      to[i] = kind === 'sum' ? x + y : kind === 'min' ? Math.min(x, y) : Math.max(x, y);
    }
  }

  /** Whether the operation is over. */
  function run(rank: number, self: Rank): boolean {
    const kind = KINDS[self.field(0)];
    if (kind === undefined) throw new Error('no such operation');
    if (kind === 'send' || kind === 'receive') begin(rank, self, kind === 'send');
    else if (kind === 'wait')
      return self.begun.slice(0, self.field(1)).filter((one) => !isOver(one)).length === 0;
    else if (kind === 'copy') self.bytes(3).set(self.bytes(5));
    else combine(self, kind);
    return true;
  }

  for (let isMoving = true; isMoving; ) {
    isMoving = false;
    ranks.forEach((self, rank) => {
      while (!self.isOver && run(rank, self)) {
        self.at++;
        isMoving = true;
      }
    });
  }
  for (const [rank, self] of ranks.entries()) {
    if (!self.isOver) throw new Error(`rank ${rank} of ${size} waits for ever`);
    if (!self.begun.every(isOver)) throw new Error(`rank ${rank} of ${size} did not wait for its messages`);
  }
  return traffic;
}
