import { type Shape, sizeOf } from '../core/shapes.js';

// Arrays of numbers as PyTorch prints them (torch/_tensor_str.py): one format for all numbers of an array.

const DIGITS = 4;
const LINE = 80;
/** Arrays of more elements are shown by their edges, so many at each end of a dimension. */
const MOST = 1000;
const EDGE = 3;

/** What holds an edge of a dimension open. */
const GAP = '...';

/** Digits as C has them: halves to the even digit, which JavaScript rounds up. */
function rounded(format: (digits: number) => string): string {
  const [, kept, last, exponent] = /^(.*?(\d))50*(e.*)?$/.exec(format(20)) ?? [];
  const isHalf = kept !== undefined && kept.length === format(DIGITS).replace(/e.*/, '').length;
  return isHalf && Number(last) % 2 === 0 ? kept + (exponent ?? '') : format(DIGITS);
}

function fixed(x: number): string {
  return rounded((digits) => x.toFixed(digits));
}

/** With two digits of the exponent at least. */
function scientific(x: number): string {
  return rounded((digits) => x.toExponential(digits)).replace(/e([+-])(\d)$/, 'e$10$2');
}

/** What elements are: floats show that they are. */
export type ElementKind = 'float' | 'integer' | 'bool';

/** How all of these numbers are shown. */
function formatFor(numbers: readonly number[], kind: ElementKind): (x: number) => string {
  if (kind === 'integer') return String;
  if (kind === 'bool') return (x) => (x === 0 ? 'False' : 'True');
  const sizes = numbers.filter((x) => Number.isFinite(x) && x !== 0).map(Math.abs);
  const least = sizes.reduce((low, size) => Math.min(low, size), Number.POSITIVE_INFINITY);
  const most = sizes.reduce((high, size) => Math.max(high, size), 0);
  const areWhole = sizes.every(Number.isInteger);
  const isWide = most / least > 1000 || most > 1e8 || (!areWhole && least < 1e-4);
  const finite =
    sizes.length > 0 && isWide ? scientific : areWhole ? (x: number) => `${x.toFixed(0)}.` : fixed;
  return (x) => {
    if (Number.isNaN(x)) return 'nan';
    if (!Number.isFinite(x)) return x > 0 ? 'inf' : '-inf';
    return Object.is(x, -0) ? `-${finite(0)}` : finite(x);
  };
}

/** The indices of a dimension that are shown, null for the gap. */
function shown(length: number, isShort: boolean): (number | null)[] {
  const all = [...new Array<null>(length).keys()];
  return isShort && length > 2 * EDGE ? [...all.slice(0, EDGE), null, ...all.slice(-EDGE)] : all;
}

/** The numbers of an array of this shape that are shown, and the lines they make. */
class Printer {
  readonly #numbers: ArrayLike<number>;
  readonly #shape: Shape;
  readonly #isShort: boolean;
  readonly #kind: ElementKind;
  #format: (x: number) => string = String;
  #width = 0;

  constructor(numbers: ArrayLike<number>, shape: Shape, kind: ElementKind) {
    this.#kind = kind;
    this.#numbers = numbers;
    this.#shape = shape;
    this.#isShort = numbers.length > MOST;
  }

  /** @param indent how many characters stand before the first line. */
  print(indent: number): string {
    const all = this.#visible(0, 0);
    this.#format = formatFor(all, this.#kind);
    // Of floats zeros and what is not finite do not count.
    const nonzero = all.filter((x) => this.#kind !== 'float' || (Number.isFinite(x) && x !== 0));
    this.#width = nonzero.reduce((width, x) => Math.max(width, this.#format(x).length), 1);
    return this.#text(0, 0, indent);
  }

  #visible(d: number, index: number): number[] {
    if (d === this.#shape.length) return [this.#numbers[index]];
    return shown(this.#shape[d], this.#isShort).flatMap((i) =>
      i === null ? [] : this.#visible(d + 1, index * this.#shape[d] + i),
    );
  }

  #text(d: number, index: number, indent: number): string {
    const rank = this.#shape.length;
    if (d === rank) return this.#format(this.#numbers[index]).padStart(this.#width);
    const length = this.#shape[d];
    const isRow = d === rank - 1;
    const parts = shown(length, this.#isShort).map((i) => {
      if (i === null) return isRow ? ` ${GAP}` : GAP;
      return this.#text(d + 1, index * length + i, indent + 1);
    });
    if (!isRow) return `[${parts.join(`,${'\n'.repeat(rank - d - 1)}${' '.repeat(indent + 1)}`)}]`;
    const perLine = Math.max(1, Math.floor((LINE - indent) / (this.#width + 2)));
    const lines: string[] = [];
    for (let i = 0; i < parts.length; i += perLine) lines.push(parts.slice(i, i + perLine).join(', '));
    return `[${lines.join(`,\n${' '.repeat(indent + 1)}`)}]`;
  }
}

/**
 * `tensor([[1., 2.], [3., 4.]], dtype=float64)`: numbers in columns with four digits, in powers of ten where those would show too
 * little, and of more than 1,000 elements three at each edge.
 * @param notes what stands behind the numbers.
 */
export function tensorText(
  numbers: ArrayLike<number>,
  shape: Shape,
  notes: readonly string[],
  kind: ElementKind = 'float',
): string {
  const prefix = 'tensor(';
  let text = prefix + (sizeOf(shape) === 0 ? '[]' : new Printer(numbers, shape, kind).print(prefix.length));
  let column = text.length - text.lastIndexOf('\n') + 1;
  for (const note of notes) {
    const isFull = column + note.length + 2 > LINE;
    text += isFull ? `,\n${' '.repeat(prefix.length)}${note}` : `, ${note}`;
    column = isFull ? prefix.length + note.length : column + note.length + 2;
  }
  return `${text})`;
}
