// A small transformer that learns to write a text on, letter by letter: npx tsx examples/char-transformer.ts [file]
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AdamW } from 'lockstep';
import {
  add,
  crossEntropy,
  Embedding,
  GELU,
  Generator,
  LayerNorm,
  Linear,
  Module,
  MultiHeadAttention,
  noGrad,
  Residual,
  Sequential,
  softmax,
  type Tensor,
  tensor,
} from 'lockstep/nn';
import { type Examples, fit, type History } from 'lockstep/train';

export interface TransformerOptions {
  readonly text?: string;
  /** Letters that the model sees at once. */
  readonly positions?: number;
  readonly dimension?: number;
  readonly heads?: number;
  readonly layers?: number;
  readonly epochs?: number;
  readonly seed?: number;
  readonly progress?: boolean;
}

export interface Writer {
  readonly history: History;
  /** The text with `letters` more of them. */
  write(text: string, letters: number): string;
}

class Transformer extends Module {
  readonly letters: Embedding;
  readonly places: Embedding;
  readonly body: Sequential;
  readonly head: Linear;

  constructor(
    letters: number,
    positions: number,
    dimension: number,
    heads: number,
    layers: number,
    generator: Generator,
  ) {
    super();
    const linear = (from: number, to: number) => new Linear(from, to, { generator });
    const attend = () => new MultiHeadAttention(dimension, heads, { causal: true, generator });
    this.letters = new Embedding(letters, dimension, { generator });
    this.places = new Embedding(positions, dimension, { generator });
    // Normalisation before each part, as in GPT-2.
    const blocks = Array.from({ length: layers }, () => [
      new Residual(new Sequential(new LayerNorm(dimension), attend())),
      new Residual(
        new Sequential(
          new LayerNorm(dimension),
          linear(dimension, 4 * dimension),
          new GELU(),
          linear(4 * dimension, dimension),
        ),
      ),
    ]);
    this.body = new Sequential(...blocks.flat(), new LayerNorm(dimension));
    this.head = linear(dimension, letters);
  }

  /** From letters [batch, positions] to scores of what comes next [batch * positions, letters]. */
  override forward(x: Tensor): Tensor {
    const [, positions = 0] = x.shape;
    const places = this.places.forward(Int32Array.from({ length: positions }, (_, place) => place));
    const scores = this.head.forward(this.body.forward(add(this.letters.forward(x), places)));
    return scores.reshape([x.size, -1]);
  }
}

/** Every stretch of the text, half a stretch apart, and for each of its letters the one that follows. */
function stretches(numbers: readonly number[], positions: number): Examples<Int32Array> {
  const starts = Array.from(
    { length: Math.floor((2 * (numbers.length - 1 - positions)) / positions) + 1 },
    (_, i) => Math.floor((i * positions) / 2),
  );
  const x = starts.flatMap((start) => numbers.slice(start, start + positions));
  const y = starts.flatMap((start) => numbers.slice(start + 1, start + positions + 1));
  return { x: tensor(x, [starts.length, positions]), y: Int32Array.from(y) };
}

export async function trainTransformer(options: TransformerOptions = {}): Promise<Writer> {
  const alice = fileURLToPath(new URL('text/alice.txt', import.meta.url));
  const {
    text = readFileSync(alice, 'utf8'),
    positions = 32,
    dimension = 64,
    heads = 4,
    layers = 2,
  } = options;
  const { epochs = 60, seed = 0, progress = true } = options;
  const alphabet = [...new Set(text)].sort();
  const numberOf = new Map(alphabet.map((letter, number) => [letter, number]));
  const numbersOf = (letters: string) =>
    Array.from(letters, (letter) => {
      const number = numberOf.get(letter);
      if (number === undefined)
        throw new RangeError(`the text does not have the letter ${JSON.stringify(letter)}`);
      return number;
    });
  const generator = new Generator(seed);
  const model = new Transformer(alphabet.length, positions, dimension, heads, layers, generator);
  const history = await fit(model, stretches(numbersOf(text), positions), {
    loss: crossEntropy,
    optimizer: new AdamW(model.parameters(), { lr: 2e-3 }),
    epochs,
    batchSize: 16,
    clipGradNorm: 1,
    seed,
    progress,
  });

  /** A letter, each as probable as the model says. */
  const next = (seen: readonly number[]): number =>
    noGrad(() => {
      const logits = model.forward(tensor(seen, [1, seen.length]));
      const probabilities = softmax(logits).value.subarray(-alphabet.length);
      let left = generator.uniform();
      const found = probabilities.findIndex((probability) => {
        left -= probability;
        return left < 0;
      });
      return found < 0 ? alphabet.length - 1 : found;
    });
  const write = (start: string, letters: number): string => {
    model.eval();
    const numbers = numbersOf(start);
    for (let i = 0; i < letters; i++) numbers.push(next(numbers.slice(-positions)));
    return numbers.map((number) => alphabet[number]).join('');
  };
  return { history, write };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , file] = process.argv;
  const writer = await trainTransformer(file === undefined ? {} : { text: readFileSync(file, 'utf8') });
  console.log(writer.write('Alice ', 400));
}
