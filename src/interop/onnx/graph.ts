import { encode, type Field, float, joined } from '../../core/protobuf.js';

// Numbers of onnx.proto: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
const IR_VERSION = 8;
const OPERATOR_SET = 18;
const ELEMENTS = { float32: 1, int32: 6, int64: 7 } as const;

type Attribute = number | string | readonly number[] | readonly string[] | { readonly float: number };
export type Attributes = Readonly<Record<string, Attribute>>;

/** An input or an output: null is a length that is known when the graph runs. */
export interface Port {
  readonly name: string;
  readonly type: 'float32' | 'int32';
  readonly shape: readonly (number | null)[];
}

/** A graph of ONNX that grows node by node; values are known by their names. */
export class Graph {
  readonly #nodes: Field[] = [];
  readonly #initializers: Field[] = [];
  readonly #names = new Set<string>();
  #count = 0;

  /** A constant; one of a name that is there already is that one. */
  constant(
    data: Float32Array | Int32Array | BigInt64Array,
    shape: readonly number[],
    given?: string,
  ): string {
    if (given !== undefined && this.#names.has(given)) return given;
    const name = given ?? this.#name();
    this.#names.add(name);
    const type = data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : 'int64';
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    this.#initializers.push([
      5,
      [...shape.map((length): Field => [1, length]), [2, ELEMENTS[type]], [8, name], [9, bytes]],
    ]);
    return name;
  }

  /** The outputs of an operator; an input that is left out is ''. */
  nodes(operator: string, inputs: readonly string[], attributes: Attributes, outputs: number): string[] {
    const names = Array.from({ length: outputs }, () => this.#name());
    this.#add(operator, inputs, names, attributes);
    return names;
  }

  /** Gives a value the name of an output. */
  name(value: string, output: string): void {
    this.#add('Identity', [value], [output], {});
  }

  #add(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Attributes,
  ): void {
    this.#nodes.push([
      1,
      [
        ...inputs.map((name): Field => [1, name]),
        ...outputs.map((name): Field => [2, name]),
        [4, operator],
        ...Object.entries(attributes).map(([name, value]): Field => [5, attributeOf(name, value)]),
      ],
    ]);
  }

  /** The file. */
  build(inputs: readonly Port[], outputs: readonly Port[]): Uint8Array {
    const graph: Field[] = [
      ...this.#nodes,
      [2, 'lockstep'],
      ...this.#initializers,
      ...inputs.map((port): Field => [11, valueInfo(port)]),
      ...outputs.map((port): Field => [12, valueInfo(port)]),
    ];
    return encode([
      [1, IR_VERSION],
      [2, 'lockstep'],
      [7, graph],
      [8, [[2, OPERATOR_SET]]],
    ]);
  }

  #name(): string {
    return `v${this.#count++}`;
  }
}

/** AttributeProto, with its type: 1 a float, 2 an integer, 3 a string, 7 integers, 8 strings. */
function attributeOf(name: string, value: Attribute): Uint8Array {
  const of = (type: number, ...fields: Field[]) => encode([[1, name], ...fields, [20, type]]);
  if (typeof value === 'number') return of(2, [3, value]);
  if (typeof value === 'string') return of(3, [4, value]);
  if ('float' in value) return joined([of(1), float(2, value.float)]);
  const isText = typeof value[0] === 'string';
  return of(isText ? 8 : 7, ...value.map((one): Field => [isText ? 9 : 8, one]));
}

function valueInfo({ name, type, shape }: Port): Field[] {
  const lengths = shape.map((length): Field => [1, [length === null ? [2, 'batch'] : [1, length]]]);
  return [
    [1, name],
    [
      2,
      [
        [
          1,
          [
            [1, ELEMENTS[type]],
            [2, lengths],
          ],
        ],
      ],
    ],
  ];
}
