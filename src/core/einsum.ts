import { type Shape, showShape, sizeOf } from './shapes.js';
import { show } from './validate.js';

// Einstein's sums as permutations, sums and batches of products of matrices, whatever the operands are.

/** The sizes of products of matrices [batch, m, k] and [batch, k, n]. */
export interface ProductSizes {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** What einsum is made of. Shapes are those of results. */
export interface EinsumOperations<T> {
  shapeOf(x: T): Shape;
  reshape(x: T, shape: Shape): T;
  permute(x: T, axes: readonly number[]): T;
  sum(x: T, axes: readonly number[]): T;
  /** Every (n + 1)th element of rows of n n: [rows, n]. */
  diagonal(x: T, rows: number, n: number): T;
  /** Of a row-major [batch, m, k] and b [batch, k, n], or [batch, n, k] where it is `transposed`. */
  multiply(a: T, b: T, sizes: ProductSizes, transposed: boolean, shape: Shape): T;
  /** a [batch, m] times b [batch, n], element by element. */
  scale(a: T, b: T, sizes: ProductSizes, shape: Shape): T;
}

interface Equation {
  /** The labels of each operand's dimensions; those of an ellipsis are '-1', '-2', ... counted from its last. */
  readonly operands: readonly (readonly string[])[];
  readonly result: readonly string[];
}

/** An operand whose dimensions have labels, each another one. */
interface Labelled<T> {
  readonly x: T;
  readonly labels: readonly string[];
}

const TERM = /^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/;

/** The labels of a term, with `hidden` dimensions for its ellipsis. */
function labelsOf(term: string, hidden: number): string[] {
  const [before, after] = term.split('...');
  if (after === undefined) return [...before];
  const ellipsis = Array.from({ length: hidden }, (_, i) => `${i - hidden}`);
  return [...before, ...ellipsis, ...after];
}

function parse(equation: unknown, shapes: readonly Shape[]): Equation {
  if (typeof equation !== 'string') throw new TypeError(`equation must be a string, got ${show(equation)}`);
  const refuse = (what: string): never => {
    throw new RangeError(`the equation ${show(equation)} ${what}`);
  };
  const [left, right, ...more] = equation.replaceAll(' ', '').split('->');
  const terms = left.split(',');
  if (more.length > 0) refuse("has more than one '->'");
  for (const term of right === undefined ? terms : [...terms, right]) {
    if (!TERM.test(term)) refuse(`must be of letters and '...', got ${show(term)}`);
  }
  if (terms.length !== shapes.length) refuse(`is of ${terms.length} operands, got ${shapes.length}`);
  const operands = terms.map((term, i) => {
    const named = term.replace('...', '').length;
    const hidden = shapes[i].length - named;
    if (hidden < 0 || (hidden > 0 && named === term.length)) {
      refuse(`names ${named} dimensions of operand ${i}, which has shape ${showShape(shapes[i])}`);
    }
    return labelsOf(term, hidden);
  });
  const all = operands.flat();
  const hidden = [...new Set(all)].filter((label) => label.startsWith('-')).length;
  const once = [...new Set(all)].filter((label) => /[A-Za-z]/.test(label) && isOnce(label, all)).sort();
  const result = labelsOf(right ?? `...${once.join('')}`, hidden);
  for (const label of result) {
    if (!all.includes(label)) refuse(`has '${label}' in its result alone`);
    if (!isOnce(label, result)) refuse(`has '${label}' twice in its result`);
  }
  return { operands, result };
}

const isOnce = (label: string, all: readonly string[]) => all.indexOf(label) === all.lastIndexOf(label);

/** The length of each label: operands have it, or 1, which is then repeated. */
function lengthsOf({ operands }: Equation, shapes: readonly Shape[]): Map<string, number> {
  const lengths = new Map<string, number>();
  operands.forEach((labels, i) => {
    labels.forEach((label, d) => {
      const length = shapes[i][d];
      const known = lengths.get(label) ?? 1;
      if (known !== 1 && length !== 1 && length !== known) {
        const which = label.startsWith('-') ? 'the ellipsis' : `'${label}'`;
        throw new RangeError(`${which} must have one length, got ${known} and ${length}`);
      }
      lengths.set(label, known === 1 ? length : known);
    });
  });
  return lengths;
}

/**
 * The sum over all labels that the result lacks of the products of the operands, two of them at a time, the first ones first.
 * @param equation as NumPy and PyTorch have it: 'ij,jk->ik'. Without '->' the result has the ellipsis and then, sorted, the
 *   letters that are there once.
 * @throws RangeError where the equation is none, or does not fit the operands.
 */
export function einsumOf<T>(operations: EinsumOperations<T>, equation: string, operands: readonly T[]): T {
  const shapes = operands.map((x) => operations.shapeOf(x));
  const parsed = parse(equation, shapes);
  const lengths = lengthsOf(parsed, shapes);
  const all = operands.map((x, i) => prepared(operations, { x, labels: parsed.operands[i] }, lengths));
  const { result } = parsed;
  let [product] = all;
  for (let i = 1; i < all.length; i++) {
    const later = all.slice(i + 1).flatMap(({ labels }) => labels);
    product = multiply(
      operations,
      product,
      all[i],
      (label) => result.includes(label) || later.includes(label),
    );
  }
  product = summed(operations, product, (label) => result.includes(label));
  return ordered(operations, product, result);
}

/** The operand with each label once, and without the lengths of 1 that are repeated. */
function prepared<T>(
  operations: EinsumOperations<T>,
  { x, labels }: Labelled<T>,
  lengths: ReadonlyMap<string, number>,
): Labelled<T> {
  const shape = operations.shapeOf(x);
  const kept = [...labels.keys()].filter((d) => shape[d] !== 1 || lengths.get(labels[d]) === 1);
  const squeezed =
    kept.length === labels.length
      ? x
      : operations.reshape(
          x,
          kept.map((d) => shape[d]),
        );
  return diagonals(operations, { x: squeezed, labels: kept.map((d) => labels[d]) });
}

/** The diagonal along each pair of dimensions that have one label: these come last. */
function diagonals<T>(operations: EinsumOperations<T>, { x, labels }: Labelled<T>): Labelled<T> {
  const first = labels.findIndex((label) => !isOnce(label, labels));
  if (first < 0) return { x, labels };
  const second = labels.lastIndexOf(labels[first]);
  const others = [...labels.keys()].filter((d) => d !== first && d !== second);
  const shape = operations.shapeOf(x);
  const n = shape[first];
  const rows = others.map((d) => shape[d]);
  const moved = operations.permute(x, [...others, first, second]);
  const diagonal = operations.reshape(operations.diagonal(moved, sizeOf(rows), n), [...rows, n]);
  return diagonals(operations, { x: diagonal, labels: [...others.map((d) => labels[d]), labels[first]] });
}

/** The operand summed over every label but these. */
function summed<T>(
  operations: EinsumOperations<T>,
  { x, labels }: Labelled<T>,
  isKept: (label: string) => boolean,
): Labelled<T> {
  const axes = [...labels.keys()].filter((axis) => !isKept(labels[axis]));
  return axes.length === 0 ? { x, labels } : { x: operations.sum(x, axes), labels: labels.filter(isKept) };
}

/** The operand with its dimensions in the order of these labels. */
function ordered<T>(
  operations: EinsumOperations<T>,
  { x, labels }: Labelled<T>,
  order: readonly string[],
): T {
  const axes = order.map((label) => labels.indexOf(label));
  return axes.every((axis, d) => axis === d) ? x : operations.permute(x, axes);
}

/** The product of two operands over the labels that nothing after it has, as one batch of products of matrices. */
function multiply<T>(
  operations: EinsumOperations<T>,
  left: Labelled<T>,
  right: Labelled<T>,
  isKept: (label: string) => boolean,
): Labelled<T> {
  const a = summed(operations, left, (label) => isKept(label) || right.labels.includes(label));
  const b = summed(operations, right, (label) => isKept(label) || left.labels.includes(label));
  const both = a.labels.filter((label) => b.labels.includes(label));
  const batches = both.filter(isKept);
  const terms = both.filter((label) => !isKept(label));
  const rows = a.labels.filter((label) => !b.labels.includes(label));
  const columns = b.labels.filter((label) => !a.labels.includes(label));
  const sizeIn = ({ x, labels }: Labelled<T>, some: readonly string[]) => {
    const shape = operations.shapeOf(x);
    return some.reduce((size, label) => size * shape[labels.indexOf(label)], 1);
  };
  const lengthsIn = (one: Labelled<T>, some: readonly string[]) => some.map((label) => sizeIn(one, [label]));
  const sizes = {
    batch: sizeIn(a, batches),
    m: sizeIn(a, rows),
    n: sizeIn(b, columns),
    k: sizeIn(a, terms),
  };
  if (terms.length === 0 || (rows.length === 0 && columns.length === 0)) {
    // Matrices of one number, or sums of one term: there is nothing to keep in registers.
    const outer = [...batches, ...terms];
    const [x, y] = [
      ordered(operations, a, [...outer, ...rows]),
      ordered(operations, b, [...outer, ...columns]),
    ];
    const shape = [...lengthsIn(a, [...outer, ...rows]), ...lengthsIn(b, columns)];
    const product = operations.scale(x, y, { ...sizes, batch: sizes.batch * sizes.k, k: 1 }, shape);
    return summed(operations, { x: product, labels: [...outer, ...rows, ...columns] }, isKept);
  }
  const transposed = [...batches, ...columns, ...terms].every((label, d) => label === b.labels[d]);
  const x = ordered(operations, a, [...batches, ...rows, ...terms]);
  const y = transposed ? b.x : ordered(operations, b, [...batches, ...terms, ...columns]);
  const shape = [...lengthsIn(a, [...batches, ...rows]), ...lengthsIn(b, columns)];
  return {
    x: operations.multiply(x, y, sizes, transposed, shape),
    labels: [...batches, ...rows, ...columns],
  };
}
