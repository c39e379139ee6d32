// Word vectors from a text: npx tsx examples/glove.ts [file]
// Pennington, Socher & Manning 2014, "GloVe: Global Vectors for Word Representation", https://nlp.stanford.edu/pubs/glove.pdf:
// w_i . v_j + b_i + c_j shall be log X_ij, the number of times word j is near word i, weighted by f(X_ij). Every batch holds
// few words of the vocabulary: the tables are sparse, and a step costs as much as these words.
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Adagrad } from 'lockstep';
import { add, Embedding, Generator, Module, mul, square, sub, sum, type Tensor, tensor } from 'lockstep/nn';
import { type Examples, fit, type History } from 'lockstep/train';

export interface GloveOptions {
  readonly text?: string;
  readonly dimension?: number;
  /** Words to either side that count as near. */
  readonly window?: number;
  readonly epochs?: number;
  readonly seed?: number;
  readonly progress?: boolean;
}

export interface Glove {
  readonly history: History;
  readonly words: readonly string[];
  /** The words whose vectors point in the most similar directions, the most similar first. */
  nearest(word: string, count: number): string[];
}

/** The words of a text in the order in which they first come, and the text as their numbers. */
function numberWords(text: string): { words: string[]; tokens: number[] } {
  const numbers = new Map<string, number>();
  const tokens = (text.toLowerCase().match(/[a-z]+/g) ?? []).map((word) => {
    const number = numbers.get(word) ?? numbers.size;
    numbers.set(word, number);
    return number;
  });
  return { words: [...numbers.keys()], tokens };
}

/** How often words are near each other; a pair d words apart counts 1 / d (section 4.2). */
export function cooccurrences(tokens: readonly number[], words: number, window: number): Examples<Tensor> {
  const counts = new Map<number, number>();
  for (const [at, center] of tokens.entries()) {
    for (let distance = 1; distance <= window && at >= distance; distance++) {
      const other = tokens[at - distance] ?? 0;
      for (const pair of [center * words + other, other * words + center]) {
        counts.set(pair, (counts.get(pair) ?? 0) + 1 / distance);
      }
    }
  }
  const pairs = [...counts.keys()].flatMap((pair) => [Math.floor(pair / words), pair % words]);
  return { x: tensor(pairs, [counts.size, 2]), y: tensor([...counts.values()], [counts.size]) };
}

class GloveModel extends Module {
  readonly vectors: Embedding;
  readonly biases: Embedding;
  readonly #words: number;

  /** Words as centres have the first rows of the tables, words as neighbours the others. */
  constructor(words: number, dimension: number, generator: Generator) {
    super();
    this.#words = words;
    this.vectors = new Embedding(2 * words, dimension, { sparse: true, generator });
    this.biases = new Embedding(2 * words, 1, { sparse: true, generator });
    // As the authors' program starts: uniform in +-0.5 / dimension.
    for (const { weight } of [this.vectors, this.biases]) {
      generator.fillUniform(weight.value, { low: -0.5 / dimension, high: 0.5 / dimension });
    }
  }

  /** The estimates of log X of pairs [rows, 2]. */
  override forward(pairs: Tensor): Tensor {
    const rows = pairs.size / 2;
    const centres = Int32Array.from({ length: rows }, (_, r) => pairs.value[2 * r] ?? 0);
    const others = Int32Array.from({ length: rows }, (_, r) => this.#words + (pairs.value[2 * r + 1] ?? 0));
    const products = mul(this.vectors.forward(centres), this.vectors.forward(others));
    const biases = add(this.biases.forward(centres), this.biases.forward(others)).reshape([rows]);
    return add(sum(products, { axes: [1] }), biases);
  }
}

/** The mean of f(X) (estimate - log X)^2 with f(X) = min(1, (X / 10)^0.75): equations 8 and 9, for a small text. */
function gloveLoss(estimates: Tensor, counts: Tensor): Tensor {
  const weights = tensor(counts.value.map((x) => Math.min(1, (x / 10) ** 0.75)));
  const logs = tensor(counts.value.map(Math.log));
  return mul(square(sub(estimates, logs)), weights).mean();
}

export async function trainGlove(options: GloveOptions = {}): Promise<Glove> {
  const alice = fileURLToPath(new URL('text/alice.txt', import.meta.url));
  const { text = readFileSync(alice, 'utf8'), dimension = 16, window = 5 } = options;
  const { epochs = 30, seed = 0, progress = true } = options;
  const { words, tokens } = numberWords(text);
  const model = new GloveModel(words.length, dimension, new Generator(seed));
  const history = await fit(model, cooccurrences(tokens, words.length, window), {
    loss: gloveLoss,
    optimizer: new Adagrad(model.parameters(), { lr: 0.1 }),
    epochs,
    batchSize: 64,
    seed,
    progress,
  });
  return { history, words, nearest: nearestIn(words, model.vectors.weight, dimension) };
}

/** The vector of a word is the sum of its two (section 4.2). */
function nearestIn(words: readonly string[], table: Tensor, dimension: number): Glove['nearest'] {
  const { value } = table;
  const vectors = words.map((_, word) => {
    const at = (row: number) => value.subarray(row * dimension, (row + 1) * dimension);
    const vector = Array.from(at(word), (x, c) => x + (at(words.length + word)[c] ?? 0));
    const length = Math.hypot(...vector);
    return vector.map((x) => x / length);
  });
  return (word, count) => {
    const wanted = vectors[words.indexOf(word)];
    if (wanted === undefined) throw new RangeError(`the text does not have the word ${JSON.stringify(word)}`);
    const similarity = (vector: readonly number[]) =>
      vector.reduce((dot, x, c) => dot + x * (wanted[c] ?? 0), 0);
    return words
      .map((other, i) => ({ other, similar: similarity(vectors[i] ?? []) }))
      .filter(({ other }) => other !== word)
      .sort((a, b) => b.similar - a.similar)
      .slice(0, count)
      .map(({ other }) => other);
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , file] = process.argv;
  const glove = await trainGlove(file === undefined ? {} : { text: readFileSync(file, 'utf8') });
  for (const word of glove.words.slice(0, 20)) console.log(word, '->', glove.nearest(word, 5).join(' '));
}
