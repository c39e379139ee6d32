import type { Conv2d, Linear, Module, MultiHeadAttention, Tensor } from '../../src/nn/index.js';
import type { Nn } from '../lockstep.js';
import { ModelBuilder } from './model.js';

/** A value on its way through the graph. Images are [batch, channels, height, width], as ONNX has them. */
interface Value {
  readonly name: string;
  readonly shape: readonly number[];
  /** Of flattened images: their channels and pixels, which this package has the other way round. */
  readonly flattened?: { readonly channels: number; readonly pixels: number };
}

/** The ONNX file of a network of this package's, with its weights, for inputs of this shape: letters, rows or images. */
export function convert(nn: Nn, model: Module, x: Tensor): Uint8Array {
  const integers = model.namedModules().some(([, module]) => module instanceof nn.Embedding);
  const [batch, height, width, channels] = x.shape;
  const shape = x.shape.length === 4 ? [batch, channels, height, width] : x.shape;
  const graph = new ModelBuilder();
  const { name } = new Converter(nn, graph).module(model, { name: 'x', shape });
  return graph.build({ shape, integers }, name);
}

class Converter {
  readonly #nn: Nn;
  readonly #graph: ModelBuilder;

  constructor(nn: Nn, graph: ModelBuilder) {
    this.#nn = nn;
    this.#graph = graph;
  }

  module(module: Module, x: Value): Value {
    const [nn, graph] = [this.#nn, this.#graph];
    const { name, shape } = x;
    if (module instanceof nn.Sequential) {
      return module.namedChildren().reduce((value, [, child]) => this.module(child, value), x);
    }
    if (module instanceof nn.Residual) {
      return { name: graph.node('Add', [name, this.module(module.body, x).name]), shape };
    }
    if (module instanceof nn.Linear) return this.#linear(module, x);
    if (module instanceof nn.ReLU) return { ...x, name: graph.node('Relu', [name]) };
    if (module instanceof nn.GELU) return { ...x, name: graph.node('Gelu', [name]) };
    if (module instanceof nn.LayerNorm) {
      const inputs = [name, this.#constant(module.weight), this.#constant(module.bias)];
      const attributes = { axis: -1, epsilon: { float: module.eps } };
      return { name: graph.node('LayerNormalization', inputs, attributes), shape };
    }
    if (module instanceof nn.Embedding) {
      const dimension = module.weight.shape[1];
      return {
        name: graph.node('Gather', [this.#constant(module.weight), name]),
        shape: [...shape, dimension],
      };
    }
    if (module instanceof nn.MultiHeadAttention) return this.#attention(module, x);
    if (module instanceof nn.Conv2d) return this.#convolution(module, x);
    if (module instanceof nn.MaxPool2d) {
      const [batch, channels, height, width] = shape;
      const pooled = graph.node('MaxPool', [name], { kernel_shape: [2, 2], strides: [2, 2] });
      return { name: pooled, shape: [batch, channels, height / 2, width / 2] };
    }
    if (module instanceof nn.Flatten) {
      const [batch, channels, height, width] = shape;
      const pixels = height * width;
      return {
        name: graph.node('Flatten', [name]),
        shape: [batch, channels * pixels],
        flattened: { channels, pixels },
      };
    }
    throw new Error(`no ONNX for ${module.constructor.name}`);
  }

  #linear({ weight, bias }: Linear, { name, shape, flattened }: Value): Value {
    const [outputs, inputs] = weight.shape;
    const { channels, pixels } = flattened ?? { channels: 1, pixels: inputs };
    // Transposed for MatMul, which takes more than two dimensions; and from (pixel, channel) to (channel, pixel).
    const columns = new Float32Array(inputs * outputs);
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) {
        const row = (i % channels) * pixels + Math.floor(i / channels);
        columns[row * outputs + o] = weight.value[o * inputs + i];
      }
    }
    const product = [name, this.#graph.constant(columns, [inputs, outputs])];
    const summand = bias === null ? [] : [this.#constant(bias)];
    const result =
      shape.length === 2
        ? this.#graph.node('Gemm', [...product, ...summand])
        : this.#graph.node('Add', [this.#graph.node('MatMul', product), ...summand]);
    return { name: result, shape: [...shape.slice(0, -1), outputs] };
  }

  #convolution({ weight, bias }: Conv2d, { name, shape }: Value): Value {
    const [outputs, height, width, inputs] = weight.shape;
    const reordered = new Float32Array(weight.size);
    weight.value.forEach((value, at) => {
      const [input, pixel] = [at % inputs, Math.floor(at / inputs) % (height * width)];
      const output = Math.floor(at / (inputs * height * width));
      reordered[(output * inputs + input) * height * width + pixel] = value;
    });
    const operands = [name, this.#graph.constant(reordered, [outputs, inputs, height, width])];
    if (bias !== null) operands.push(this.#constant(bias));
    const [y, x] = [(height - 1) / 2, (width - 1) / 2];
    return {
      name: this.#graph.node('Conv', operands, { pads: [y, x, y, x] }),
      shape: [shape[0], outputs, shape[2], shape[3]],
    };
  }

  #attention({ heads, query, key, value, output }: MultiHeadAttention, x: Value): Value {
    const graph = this.#graph;
    const [batch, positions, width] = x.shape;
    const dimension = width / heads;
    const split = (linear: Linear, perm: readonly number[]) => {
      const shape = this.#integers([batch, positions, heads, dimension]);
      return graph.node('Transpose', [graph.node('Reshape', [this.#linear(linear, x).name, shape])], {
        perm,
      });
    };
    const [q, k] = [split(query, [0, 2, 1, 3]), split(key, [0, 2, 3, 1])];
    const scale = graph.constant(Float32Array.of(1 / Math.sqrt(dimension)), []);
    const scores = graph.node('Mul', [graph.node('MatMul', [q, k]), scale]);
    const weights = graph.node('Softmax', [graph.node('Add', [scores, this.#mask(positions)])], { axis: -1 });
    const sums = graph.node('MatMul', [weights, split(value, [0, 2, 1, 3])]);
    const rows = graph.node('Transpose', [sums], { perm: [0, 2, 1, 3] });
    const joined = graph.node('Reshape', [rows, this.#integers([batch, positions, width])]);
    return this.#linear(output, { name: joined, shape: x.shape });
  }

  /** What keeps a position from seeing those after it. */
  #mask(positions: number): string {
    const mask = Float32Array.from({ length: positions ** 2 }, (_, i) =>
      i % positions > Math.floor(i / positions) ? -1e9 : 0,
    );
    return this.#graph.constant(mask, [positions, positions]);
  }

  #constant({ value, shape }: Tensor): string {
    return this.#graph.constant(Float32Array.from(value), shape);
  }

  #integers(values: readonly number[]): string {
    return this.#graph.constant(BigInt64Array.from(values, BigInt), [values.length]);
  }
}
