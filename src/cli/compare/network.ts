import { Generator, LayerNorm, Linear, type Module, ReLU, Residual, Sequential } from '../../nn/index.js';

/** The sizes of the network that a comparison trains. */
export interface NetworkShape {
  readonly columns: number;
  readonly hidden: number;
  readonly classes: number;
}

/** Hidden units that suit a table of this many columns: images need more than a few measurements. */
export function hiddenUnits(columns: number): number {
  return columns >= 256 ? 128 : 64;
}

/**
 * A residual, normalised network: what goes past the normalisation is what came in, and what goes through it is corrected
 * to mean 0 and deviation 1 (He et al. 2016, "Identity Mappings in Deep Residual Networks"; Ba et al. 2016, "Layer
 * Normalization", which unlike batch normalisation makes no row depend on the others, so that a full-batch gradient
 * may be added up from parts).
 */
export function buildNetwork({ columns, hidden, classes }: NetworkShape, seed: number): Module {
  const generator = new Generator(seed);
  const linear = (from: number, to: number) => new Linear(from, to, { generator });
  return new Sequential(
    linear(columns, hidden),
    new Residual(new Sequential(new LayerNorm(hidden), new ReLU(), linear(hidden, hidden))),
    new LayerNorm(hidden),
    new ReLU(),
    linear(hidden, classes),
  );
}

/** What {@link buildNetwork} builds, in words. */
export function describeNetwork({ columns, hidden, classes }: NetworkShape): string {
  const linear = (from: number, to: number) => `Linear ${from}→${to}`;
  const body = `LayerNorm, ReLU, ${linear(hidden, hidden)}`;
  return `${linear(columns, hidden)}, Residual(${body}), LayerNorm, ReLU, ${linear(hidden, classes)}`;
}
