import type { Shape } from '../../core/shapes.js';

/** A weight of a layer, in the layout of TensorFlow.js. */
export interface Weight {
  readonly name: string;
  readonly shape: Shape;
  readonly value: ArrayLike<number>;
}

/** A layer as `model.json` describes it, and its weights in their order. */
export interface Layer {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly weights: readonly Weight[];
}
