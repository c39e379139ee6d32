import type { Shape } from '../../core/shapes.js';
import type { Tensor } from '../../nn/index.js';
import { channelsSecond, toTheirs } from '../pytorch/turn.js';
import { type Attributes, Graph } from './graph.js';

/** A value on its way through the graph, of this shape here; whichever of its two layouts there is. */
export interface Value {
  readonly shape: Shape;
  /** As here, channels last. */
  last: string | null;
  /** With the channels second, as ONNX has images and sequences. */
  second: string | null;
}

/** A call of a layer, as its converter finds it. */
export interface Call {
  readonly emit: Emitter;
  /** The tensors it was given; the rest of the arguments as they are. */
  readonly inputs: readonly unknown[];
  /** The value of a tensor that it was given. */
  readonly value: (argument: unknown) => Value;
  /** The shape of what it gave, where that is a tensor. */
  readonly shape: readonly number[];
  /** What names of its weights start with: `body.0.`. */
  readonly path: string;
}

/** What a layer gives: a value, or several by the names that its result has for them. */
export type Converted = Value | Readonly<Record<string, Value>>;

/** What converters write the graph with. */
export class Emitter {
  readonly graph = new Graph();

  /** The only output of an operator. */
  node(operator: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.graph.nodes(operator, inputs, attributes, 1)[0];
  }

  number(value: number): string {
    return this.graph.constant(Float32Array.of(value), []);
  }

  integers(values: readonly number[]): string {
    return this.graph.constant(BigInt64Array.from(values, BigInt), [values.length]);
  }

  floats(values: Iterable<number>, shape: Shape, name?: string): string {
    return this.graph.constant(Float32Array.from(values), shape, name);
  }

  /** A tensor as it is here. */
  weight({ value, shape }: Tensor, name?: string): string {
    return this.floats(value, shape, name);
  }

  /** The weight of a convolution, channels second. What is turned has a name of its own: the tensor itself may be there too. */
  filter({ value, shape }: Tensor, name: string): string {
    const turn = channelsSecond(shape);
    return this.floats(toTheirs(value, turn), turn.shape, `${name}.second`);
  }

  last(value: Value): string {
    value.last ??= this.node('Transpose', [value.second ?? ''], { perm: lastAxes(value.shape.length) });
    return value.last;
  }

  second(value: Value): string {
    value.second ??= this.node('Transpose', [value.last ?? ''], { perm: secondAxes(value.shape.length) });
    return value.second;
  }

  /** What works on each element, in the layout that there is. */
  each(value: Value, make: (x: string) => string): Value {
    if (value.second !== null) return { shape: value.shape, last: null, second: make(value.second) };
    return { shape: value.shape, last: make(this.last(value)), second: null };
  }
}

/** [0, 2, 3, 1] */
function lastAxes(rank: number): number[] {
  return [0, ...Array.from({ length: rank - 2 }, (_, d) => d + 2), 1];
}

/** [0, 3, 1, 2] */
function secondAxes(rank: number): number[] {
  return [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, d) => d + 1)];
}
