import { writeFileSync } from 'node:fs';
import { isFloatType } from '../../core/dtypes.js';
import { checkOptions, type OptionNames } from '../../core/options.js';
import { checkBoolean, isObject, show } from '../../core/validate.js';
import { nodeOf } from '../../nn/engine/tensor.js';
import * as nn from '../../nn/index.js';
import { hasForwardHooks } from '../../nn/layers/hooks.js';
import { type AnyModule, checkModule, join } from '../../nn/layers/module.js';
import { type Converted, Emitter, type Value } from './emitter.js';
import type { Port } from './graph.js';
import { converterOf } from './layers.js';
import { convertOperation } from './operations.js';

/** See {@link toOnnx}. */
export interface ToOnnxOptions {
  /** A file to write as well. Default: none. */
  readonly path?: string;
  /** Whether the first length of inputs and outputs may be another one when the graph runs. Default true. */
  readonly dynamicBatch?: boolean;
}

const OPTIONS: OptionNames<ToOnnxOptions> = { path: true, dynamicBatch: true };

/**
 * A model as an ONNX file (operator set 18), in evaluation mode and in float32, by running it with an example.
 *
 * Layers of `lockstep/nn` are written as they are; between them a `forward` may use `add`, `sub`, `mul`, `div`, `pow`, `maximum`,
 * `minimum`, functions of one number, `reshape`, `flatten`, `permute`, `transpose`, `matmul`, `bmm`, `softmax` and `logSoftmax`.
 * Whatever in it is not a tensor, and goes by the shape of the example, is written as it was. Images and sequences have their
 * channels last, as here.
 *
 * Inputs are called `input`, or `input0`, `input1` ...; outputs `output`, `output0` ... or `output`, `hidden` as the result has them.
 * @param input what the model is run with: a tensor of floats, or of int32 for an `Embedding`; or an array of tensors.
 * @returns the bytes of the file.
 * @throws Error naming the module of what ONNX has nothing for here, or where the result depends on the elements of the input by
 * what is not recorded: comparisons, `argmax`, `value`.
 */
export function toOnnx(
  model: AnyModule,
  input: nn.Tensor | readonly nn.Tensor[],
  options: ToOnnxOptions = {},
): Uint8Array {
  checkAnyModule(model);
  checkOptions('toOnnx', options, OPTIONS);
  const { path, dynamicBatch = true } = options;
  checkBoolean('dynamicBatch', dynamicBatch);
  const inputs: readonly unknown[] = Array.isArray(input) ? input : [input];
  const tensors = inputs.map((one) => {
    if (one instanceof nn.Tensor && (isFloatType(one.dtype) || one.dtype === 'int32')) return one;
    throw new TypeError(`input must be a Tensor of floats or int32, or an array of them, got ${show(one)}`);
  });
  const bytes = new Trace(model, tensors).build(dynamicBatch);
  // What is no part of the graph is a constant of it: that must not be the input's doing.
  const again = new Trace(model, tensors.map(others)).build(dynamicBatch);
  if (Buffer.compare(bytes, again) !== 0) {
    throw new Error(
      'the result depends on the elements of the input by what is not recorded: ONNX would not see it',
    );
  }
  if (path !== undefined) writeFileSync(path, bytes);
  return bytes;
}

function checkAnyModule(model: unknown): void {
  checkModule('model', model);
}

/** Other elements: whole numbers that an Embedding takes, floats with other sums, and within what they were within. */
function others({ data, shape, dtype }: nn.Tensor): nn.Tensor {
  const reversed = nn.tensor(data.slice().reverse(), shape, { dtype });
  return isFloatType(dtype) ? reversed.mul(0.75).add(0.25) : reversed;
}

const HOOKED = 'a layer with hooks is not written to ONNX: remove them, or put what they do behind the layer';

/** One run of a model, which writes the graph. */
class Trace {
  readonly #emit = new Emitter();
  readonly #model: AnyModule;
  readonly #inputs: readonly nn.Tensor[];
  readonly #values = new Map<nn.Tensor, Value>();
  readonly #names = new Map<nn.Tensor, string>();
  /** The modules that run, the innermost last. */
  readonly #running: string[] = [];

  constructor(model: AnyModule, inputs: readonly nn.Tensor[]) {
    this.#model = model;
    this.#inputs = inputs.map((input) => leafLike(input));
    for (const [name, tensor] of [...model.namedParameters(), ...model.namedBuffers()])
      this.#names.set(tensor, name);
  }

  build(isDynamic: boolean): Uint8Array {
    const names = numbered('input', this.#inputs.length);
    const shapeOf = ([first, ...rest]: readonly number[]): (number | null)[] =>
      first === undefined ? [] : [isDynamic ? null : first, ...rest];
    const ports = this.#inputs.map((tensor, i): Port => {
      this.#values.set(tensor, { shape: tensor.shape, last: names[i], second: null });
      const type = isFloatType(tensor.dtype) ? 'float32' : 'int32';
      return { name: names[i], type, shape: shapeOf(tensor.shape) };
    });
    const results = resultsOf(this.#run());
    const outputs = results.map(([name, tensor]): Port => {
      this.#emit.graph.name(this.#emit.last(this.#value(tensor)), name);
      // A length that follows the batch may stand anywhere.
      return { name, type: 'float32', shape: isDynamic ? [] : tensor.shape };
    });
    return this.#emit.graph.build(ports, outputs);
  }

  #run(): unknown {
    const modules = this.#model.namedModules().map(([, module]) => ({ module, training: module.training }));
    const hooks: nn.RemovableHandle[] = [];
    try {
      this.#hook(this.#model, '', hooks, new Set());
      this.#model.eval();
      return Reflect.apply(this.#model.forward, this.#model, this.#inputs);
    } finally {
      for (const hook of hooks) hook.remove();
      // The outer ones first: each is set with all inside.
      for (const { module, training } of modules) module.train(training);
    }
  }

  /** Has every layer write itself when it has run; those inside are its own affair. */
  #hook(module: AnyModule, path: string, hooks: nn.RemovableHandle[], seen: Set<AnyModule>): void {
    if (seen.has(module)) return;
    seen.add(module);
    const convert = converterOf(module);
    const where = path === '' ? module.constructor.name : `${path} (${module.constructor.name})`;
    if (convert !== undefined && hasForwardHooks(module)) throw new NotWritten(`${where}: ${HOOKED}`);
    hooks.push(module.registerForwardPreHook(() => void this.#running.push(where)));
    hooks.push(
      module.registerForwardHook((_, inputs, output) => {
        const result = convert === undefined ? undefined : this.#layer(convert, module, inputs, output, path);
        // What it recorded is read while it is known where it was.
        for (const [, tensor] of convert === undefined ? resultsOf(output) : []) this.#value(tensor);
        this.#running.pop();
        return result;
      }),
    );
    if (convert !== undefined) return;
    for (const [name, child] of module.namedChildren()) this.#hook(child, join(path, name), hooks, seen);
  }

  /** @returns what stands for the layer's output: leaves, so that all that follows is recorded, and nothing before. */
  #layer(
    convert: NonNullable<ReturnType<typeof converterOf>>,
    module: AnyModule,
    inputs: readonly unknown[],
    output: unknown,
    path: string,
  ): unknown {
    const value = (argument: unknown): Value => {
      if (argument instanceof nn.Tensor) return this.#value(argument);
      const indices = Int32Array.from(
        Array.isArray(argument) || argument instanceof Int32Array ? argument : [],
      );
      if (indices.length === 0) throw this.#failure(`it was given ${show(argument)}`);
      return {
        shape: [indices.length],
        last: this.#emit.graph.constant(indices, [indices.length]),
        second: null,
      };
    };
    const shape = output instanceof nn.Tensor ? output.shape : [];
    const start = path === '' ? '' : `${path}.`;
    let converted: Converted;
    try {
      converted = convert(module, { emit: this.#emit, inputs, value, shape, path: start });
    } catch (error) {
      if (error instanceof NotWritten) throw error;
      throw this.#failure(error instanceof Error ? error.message : String(error));
    }
    if (output instanceof nn.Tensor) {
      const leaf = leafLike(output);
      if (isValue(converted)) this.#values.set(leaf, converted);
      return leaf;
    }
    const leaves = new Map<string, nn.Tensor>();
    for (const [name, tensor] of resultsOf(output)) {
      const leaf = leafLike(tensor);
      const one = isValue(converted) ? undefined : converted[name];
      if (one !== undefined) this.#values.set(leaf, one);
      leaves.set(name, leaf);
    }
    const [h, c] = [leaves.get('hidden.h'), leaves.get('hidden.c')];
    const hidden = h === undefined ? leaves.get('hidden') : { h, c };
    return { output: leaves.get('output'), hidden };
  }

  /** The value of a tensor: one that is there, a constant, or what its operation gives. */
  #value(tensor: nn.Tensor): Value {
    const known = this.#values.get(tensor);
    if (known !== undefined) return known;
    const node = nodeOf(tensor);
    const value = node === null || node.isLeaf ? this.#constant(tensor) : this.#operation(node, tensor);
    this.#values.set(tensor, value);
    return value;
  }

  #operation(
    node: Parameters<typeof convertOperation>[1] & { inputs: readonly nn.Tensor[] },
    tensor: nn.Tensor,
  ) {
    const inputs = node.inputs.map((input) => this.#value(input));
    const value = convertOperation(this.#emit, node, inputs, tensor.shape);
    if (value === undefined) throw this.#failure(`the function ${node.name} is not written to ONNX here`);
    return value;
  }

  #constant(tensor: nn.Tensor): Value {
    const name = this.#names.get(tensor);
    const { data, shape } = tensor;
    const last = isFloatType(tensor.dtype)
      ? this.#emit.floats(data, shape, name)
      : this.#emit.graph.constant(Int32Array.from(data), shape, name);
    return { shape, last, second: null };
  }

  #failure(problem: string): NotWritten {
    return new NotWritten(`${this.#running.at(-1) ?? this.#model.constructor.name}: ${problem}`);
  }
}

/** What names a module already. */
class NotWritten extends Error {
  override readonly name = 'Error';
}

function isValue(converted: Converted): converted is Value {
  return Array.isArray(converted.shape);
}

function leafLike({ data, shape, dtype }: nn.Tensor): nn.Tensor {
  return nn.tensor(data.slice(), shape, { dtype, requiresGrad: isFloatType(dtype) });
}

function numbered(name: string, count: number): string[] {
  return count === 1 ? [name] : Array.from({ length: count }, (_, i) => `${name}${i}`);
}

/** The tensors that a model gives, with the names of outputs. */
function resultsOf(result: unknown): [name: string, tensor: nn.Tensor][] {
  if (result instanceof nn.Tensor) return [['output', result]];
  if (Array.isArray(result)) {
    const names = numbered('output', result.length);
    return result.flatMap((one, i): [string, nn.Tensor][] =>
      one instanceof nn.Tensor ? [[names[i], one]] : [],
    );
  }
  if (!isObject(result)) return [];
  return Object.keys(result).flatMap((key): [string, nn.Tensor][] => {
    const one: unknown = result[key];
    if (one instanceof nn.Tensor) return [[key, one]];
    return isObject(one) ? resultsOf(one).map(([name, tensor]) => [`${key}.${name}`, tensor]) : [];
  });
}
