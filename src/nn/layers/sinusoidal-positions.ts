import { checkOptions, type OptionNames } from '../../core/options.js';
import { showShape } from '../../core/shapes.js';
import { checkProbability } from '../../core/validate.js';
import { checkTensor, floatTypeOf, type Tensor } from '../engine/tensor.js';
import { dropout } from '../functions/dropout.js';
import { sinusoidalPositions } from '../functions/positions.js';
import { Module } from './module.js';

export interface SinusoidalPositionsOptions {
  /** How probable it is that a number of the sum is dropped in training. Default 0. */
  readonly dropout?: number;
}

const OPTIONS: OptionNames<SinusoidalPositionsOptions> = { dropout: true };

/** x + `sinusoidalPositions`, for x [..., positions, dimension] with an even dimension. It has no state. */
export class SinusoidalPositions extends Module {
  readonly dropout: number;
  /** For the longest x so far. */
  #table: Tensor | null = null;

  constructor(options: SinusoidalPositionsOptions = {}) {
    super();
    checkOptions('SinusoidalPositions', options, OPTIONS);
    const { dropout: probability = 0 } = options;
    checkProbability(probability, 'dropout');
    this.dropout = probability;
  }

  override forward(x: Tensor): Tensor {
    checkTensor('x', x);
    const { shape } = x;
    const dtype = floatTypeOf(x);
    if (shape.length < 2) {
      throw new RangeError(`x must have shape [..., positions, dimension], got ${showShape(shape)}`);
    }
    const [positions, dimension] = shape.slice(-2);
    const known = this.#table;
    const isUsable = known?.dtype === dtype && known.shape[1] === dimension && known.shape[0] >= positions;
    const table = isUsable ? known : sinusoidalPositions(positions, dimension, { dtype });
    this.#table = table;
    const own = table.shape[0] === positions ? table : table.narrow(0, 0, positions);
    return dropout(x.add(own), { probability: this.dropout, training: this.training });
  }
}
