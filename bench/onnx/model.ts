import { encode, type Field, float, joined } from '../../src/core/protobuf.js';

// Numbers of onnx.proto: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
const IR_VERSION = 9;
const OPERATOR_SET = 20;
const FLOAT = 1;
const INT64 = 7;

type Attribute = number | readonly number[] | { readonly float: number };

/** A graph of ONNX that grows node by node; values are known by their names. */
export class ModelBuilder {
  readonly #nodes: Field[] = [];
  readonly #initializers: Field[] = [];
  #count = 0;

  /** A constant. */
  constant(data: Float32Array | BigInt64Array, shape: readonly number[]): string {
    const name = this.#name();
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const tensor: Field[] = [
      ...shape.map((length): Field => [1, length]),
      [2, data instanceof Float32Array ? FLOAT : INT64],
      [8, name],
      [9, bytes],
    ];
    this.#initializers.push([5, tensor]);
    return name;
  }

  /** The only output of an operator. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    const output = this.#name();
    const fields: Field[] = [
      ...inputs.map((name): Field => [1, name]),
      [2, output],
      [4, operator],
      ...Object.entries(attributes).map(([name, value]): Field => [5, attributeOf(name, value)]),
    ];
    this.#nodes.push([1, fields]);
    return output;
  }

  /** The file: from an input `x` to the output. */
  build(
    input: { readonly shape: readonly number[]; readonly integers: boolean },
    output: string,
  ): Uint8Array {
    const graph: Field[] = [
      ...this.#nodes,
      [2, 'network'],
      ...this.#initializers,
      [11, valueInfo('x', input.integers ? INT64 : FLOAT, input.shape)],
      [12, valueInfo(output, FLOAT)],
    ];
    return encode([
      [1, IR_VERSION],
      [7, graph],
      [8, [[2, OPERATOR_SET]]],
    ]);
  }

  #name(): string {
    return `v${this.#count++}`;
  }
}

/** AttributeProto, with its type: 1 a float, 2 an integer, 7 integers. */
function attributeOf(name: string, value: Attribute): Uint8Array {
  if (typeof value === 'number')
    return encode([
      [1, name],
      [3, value],
      [20, 2],
    ]);
  if ('float' in value)
    return joined([
      encode([
        [1, name],
        [20, 1],
      ]),
      float(2, value.float),
    ]);
  return encode([[1, name], ...value.map((one): Field => [8, one]), [20, 7]]);
}

function valueInfo(name: string, type: number, shape?: readonly number[]): Field[] {
  const tensor: Field[] = [[1, type]];
  if (shape !== undefined) tensor.push([2, shape.map((length): Field => [1, [[1, length]]])]);
  return [
    [1, name],
    [2, [[1, tensor]]],
  ];
}
