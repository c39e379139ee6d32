import { show } from '../../core/validate.js';
import { DataError } from '../../data/index.js';

// The part of Python's pickle that torch.save writes for state dictionaries (protocol 2):
// https://github.com/python/cpython/blob/main/Lib/pickletools.py. It is read as data: a name of Python is looked up in a list of
// the few that are meant here, and nothing is called by it.

/** A name of Python's, `torch.FloatStorage`. */
export class Name {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** What a pickle is made of, as its reader understands the names in it. */
export interface Meaning {
  /** The names that may stand in the pickle. */
  readonly names: ReadonlySet<string>;
  /** What a call of a name with these arguments is. */
  call(name: string, args: readonly unknown[]): unknown;
  /** What is kept outside of the pickle. */
  persistent(id: unknown): unknown;
}

const MARK = Symbol('mark');

/** The value in a pickle: dictionaries are Maps, tuples and lists arrays. @throws DataError for anything but data. */
export function unpickle(bytes: Uint8Array, name: string, meaning: Meaning): unknown {
  return new Reader(bytes, name, meaning).read();
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #name: string;
  readonly #meaning: Meaning;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();
  #at = 0;

  constructor(bytes: Uint8Array, name: string, meaning: Meaning) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#name = name;
    this.#meaning = meaning;
  }

  read(): unknown {
    for (;;) {
      const code = String.fromCharCode(this.#number(1));
      if (code === '.') return this.#pop();
      const step = this.#steps[code];
      if (step === undefined)
        throw this.#failure(`has the opcode ${show(code)}, which state dictionaries do not need`);
      step();
    }
  }

  /** By their opcodes. */
  readonly #steps: Readonly<Record<string, () => void>> = {
    '\x80': () => void this.#number(1),
    '(': () => this.#push(MARK),
    N: () => this.#push(null),
    '\x88': () => this.#push(true),
    '\x89': () => this.#push(false),
    K: () => this.#push(this.#number(1)),
    M: () => this.#push(this.#number(2)),
    J: () => this.#push(this.#number(4) | 0),
    '\x8a': () => this.#push(this.#long()),
    G: () => this.#push(this.#take(8, (at) => this.#view.getFloat64(at, false))),
    X: () => this.#push(this.#text(this.#number(4))),
    '}': () => this.#push(new Map()),
    ']': () => this.#push([]),
    ')': () => this.#push([]),
    '\x85': () => this.#tuple(1),
    '\x86': () => this.#tuple(2),
    '\x87': () => this.#tuple(3),
    t: () => this.#push(this.#toMark()),
    q: () => void this.#memo.set(this.#number(1), this.#stack.at(-1)),
    r: () => void this.#memo.set(this.#number(4), this.#stack.at(-1)),
    h: () => this.#push(this.#remembered(this.#number(1))),
    j: () => this.#push(this.#remembered(this.#number(4))),
    a: () => this.#append([this.#pop()]),
    e: () => this.#append(this.#toMark()),
    s: () => this.#set([this.#pop(), this.#pop()].reverse()),
    u: () => this.#set(this.#toMark()),
    c: () => this.#global(`${this.#line()}.${this.#line()}`),
    R: () => this.#call(),
    // What an OrderedDict of a module has beside its items: the versions of its modules.
    b: () => void this.#pop(),
    Q: () => this.#push(this.#meaning.persistent(this.#pop())),
  };

  #failure(problem: string): DataError {
    return new DataError(`${this.#name}: its pickle ${problem}`);
  }

  #take<T>(length: number, read: (at: number) => T): T {
    const at = this.#at;
    if (at + length > this.#bytes.length) throw this.#failure('is cut off');
    this.#at += length;
    return read(at);
  }

  /** Little-endian, of 1, 2 or 4 bytes. */
  #number(length: 1 | 2 | 4): number {
    return this.#take(length, (at) => {
      if (length === 1) return this.#bytes[at];
      return length === 2 ? this.#view.getUint16(at, true) : this.#view.getUint32(at, true);
    });
  }

  /** A whole number of any length, in two's complement. */
  #long(): number {
    const length = this.#number(1);
    const bytes = this.#take(length, (at) => this.#bytes.subarray(at, at + length));
    const value = bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
    return Number(BigInt.asIntN(8 * length, value));
  }

  #text(length: number): string {
    return this.#take(length, (at) => new TextDecoder().decode(this.#bytes.subarray(at, at + length)));
  }

  #line(): string {
    const end = this.#bytes.indexOf(10, this.#at);
    if (end < 0) throw this.#failure('is cut off');
    const line = this.#text(end - this.#at);
    this.#at++;
    return line;
  }

  #push(value: unknown): void {
    this.#stack.push(value);
  }

  #pop(): unknown {
    if (this.#stack.length === 0) throw this.#failure('is damaged');
    return this.#stack.pop();
  }

  #toMark(): unknown[] {
    const at = this.#stack.lastIndexOf(MARK);
    if (at < 0) throw this.#failure('is damaged');
    const items = this.#stack.splice(at);
    items.shift();
    return items;
  }

  #tuple(length: number): void {
    if (this.#stack.length < length) throw this.#failure('is damaged');
    this.#push(this.#stack.splice(-length));
  }

  #remembered(place: number): unknown {
    if (!this.#memo.has(place)) throw this.#failure('is damaged');
    return this.#memo.get(place);
  }

  #append(items: readonly unknown[]): void {
    const list = this.#stack.at(-1);
    if (!Array.isArray(list)) throw this.#failure('is damaged');
    for (const item of items) list.push(item);
  }

  #set(items: readonly unknown[]): void {
    const into = this.#stack.at(-1);
    if (!(into instanceof Map) || items.length % 2 !== 0) throw this.#failure('is damaged');
    for (let i = 0; i < items.length; i += 2) into.set(items[i], items[i + 1]);
  }

  #global(name: string): void {
    if (!this.#meaning.names.has(name)) {
      throw this.#failure(
        `names ${name}, which is no part of a state dictionary: save model.state_dict(), not the model`,
      );
    }
    this.#push(new Name(name));
  }

  #call(): void {
    const [args, callee] = [this.#pop(), this.#pop()];
    if (!(callee instanceof Name) || !Array.isArray(args)) throw this.#failure('is damaged');
    this.#push(this.#meaning.call(callee.name, args));
  }
}
