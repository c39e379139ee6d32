import { clearGrad } from '../../array/parameter.js';
import { dtypeOf, isFloats, isFloatType } from '../../core/dtypes.js';
import { copyOf } from '../../core/float-arrays.js';
import { checkUnlocked } from '../../core/locks.js';
import { sameShape, showShape } from '../../core/shapes.js';
import type { FloatArray } from '../../core/types.js';
import { checkBoolean, checkObject, show } from '../../core/validate.js';
import { written } from '../../core/written.js';
import { checkTensor, storageOf, Tensor } from '../engine/tensor.js';
import { summaryOf } from '../summary.js';

/** The parameters and buffers of a module by name. */
export type ModuleState = Record<string, { readonly value: FloatArray; readonly shape: readonly number[] }>;

/** A module, whatever it takes and gives. */
export type AnyModule = Module<unknown, readonly unknown[]>;

/**
 * A layer, or a network of them.
 *
 * A subclass keeps its parameters (leaf tensors that require a gradient), its buffers (leaf tensors that do not) and
 * its modules (also in arrays) in public properties: they are found by themselves and named after the properties,
 * `body.0.weight`.
 *
 * It makes a tensor of tensors unless it says otherwise: of `Inputs`, an `Output`.
 */
export abstract class Module<Output = Tensor, Inputs extends readonly unknown[] = Tensor[]> {
  #training = true;
  // The path from the outermost module whose parameters were named so far.
  #path = '';

  abstract forward(...inputs: Inputs): Output;

  /** Whether the module learns (BatchNorm1d normalises by the batch) or is used (by what it has learnt). */
  get training(): boolean {
    return this.#training;
  }

  /** Puts this module and all modules inside into training mode, or out of it, and returns it. */
  train(mode = true): this {
    checkBoolean('mode', mode);
    for (const [, module] of this.namedModules()) module.#training = mode;
    return this;
  }

  /** `train(false)` */
  eval(): this {
    return this.train(false);
  }

  /** The modules directly inside, with their names. */
  namedChildren(): [name: string, child: AnyModule][] {
    return Object.entries(this).flatMap(([name, value]): [string, AnyModule][] => {
      if (value instanceof Module) return [[name, value]];
      if (!Array.isArray(value)) return [];
      return value.flatMap((item, i): [string, AnyModule][] =>
        item instanceof Module ? [[`${name}.${i}`, item]] : [],
      );
    });
  }

  /** This module and all modules inside, each once, with their paths from here, which end in a dot. */
  namedModules(path = '', seen: Set<AnyModule> = new Set()): [path: string, module: AnyModule][] {
    if (seen.has(this)) return [];
    seen.add(this);
    const inner = this.namedChildren().flatMap(([name, child]) =>
      child.namedModules(`${path}${name}.`, seen),
    );
    return [[path, this], ...inner];
  }

  /** All parameters and buffers, each once, with their names as seen from here. */
  #namedTensors(): [name: string, tensor: Tensor][] {
    const seen = new Set<Tensor>();
    return this.namedModules().flatMap(([path, module]) =>
      Object.entries(module).flatMap(([name, value]): [string, Tensor][] => {
        if (!(value instanceof Tensor) || seen.has(value) || isOwn(value)) return [];
        seen.add(value);
        return [[path + name, value]];
      }),
    );
  }

  /** Tells every module inside where it is, and every tensor its name: both as seen from the outermost module. */
  #nameAll(): Tensor[] {
    for (const [path, module] of this.namedModules()) module.#path = this.#path + path;
    return this.#namedTensors().map(([name, tensor]) => {
      tensor.name = this.#path + name;
      return tensor;
    });
  }

  /**
   * The tensors to train, as an optimizer takes them, each with its name: `0.weight`, `1.body.2.bias`. Names start at
   * the outermost module whose `parameters()` has been called.
   */
  parameters(): Tensor[] {
    return this.#nameAll().filter((tensor) => tensor.requiresGrad);
  }

  /** The tensors that are part of the state but not trained: frozen parameters, running statistics. */
  buffers(): Tensor[] {
    return this.#nameAll().filter((tensor) => !tensor.requiresGrad);
  }

  /** Sets the gradients of all parameters to zero, in place. */
  zeroGrad(): void {
    for (const [, tensor] of this.#namedTensors()) clearGrad(tensor);
  }

  /**
   * What the module is made of, as a table of text: for every module inside its name, its class, the shape of what it puts
   * out, and how many numbers of its own are trained.
   * @param input what to try the model with, in evaluation mode: without it, no shapes are known. A module that is not
   * called by itself, because the one around it does its work too, shows none either.
   */
  summary(input?: Tensor): string {
    if (input !== undefined) checkTensor('input', input);
    return summaryOf(this, input);
  }

  /** A copy of all parameters and buffers by name, as seen from this module. */
  stateDict(): ModuleState {
    return Object.fromEntries(
      this.#namedTensors().map(([name, { value, shape }]) => [
        name,
        { value: value.slice(), shape: [...shape] },
      ]),
    );
  }

  /**
   * Copies all parameters and buffers from what `stateDict()` gave. Names, shapes and element types must be exactly
   * those of this module: else an error names each that is not, and nothing has changed.
   */
  loadStateDict(state: ModuleState): void {
    checkObject('state', state);
    // Everything is read once, into copies, before anything is checked: `state` may hold this module's own arrays, and
    // getters that change what was checked.
    const saved = new Map(Object.entries(state).map(([name, entry]) => [name, readEntry(entry)]));
    const tensors = this.#namedTensors();
    const names = new Set(tensors.map(([name]) => name));
    const targets = tensors.map(([name, tensor]) => ({
      tensor,
      array: tensor.value,
      entry: saved.get(name),
      problem: saved.has(name) ? problemWith(saved.get(name), tensor) : 'is missing',
      name,
    }));
    const problems = [
      ...[...saved.keys()].flatMap((name) => (names.has(name) ? [] : [`${name} is not in the module`])),
      ...targets.flatMap(({ name, problem }) => (problem === null ? [] : [`${name} ${problem}`])),
    ];
    if (problems.length > 0) throw new RangeError(`state does not fit the module: ${problems.join('; ')}`);
    for (const { tensor } of targets) checkUnlocked(tensor);
    for (const { tensor, array, entry } of targets) {
      if (isFloats(entry?.value)) array.set(entry.value);
      tensor[written]();
    }
  }
}

/** What an entry of a state says, each field read once; undefined where it is none. Arrays are copies. */
function readEntry(entry: unknown): { given: unknown; value: unknown; shape: unknown } {
  if (typeof entry !== 'object' || entry === null || !('value' in entry) || !('shape' in entry)) {
    return { given: entry, value: undefined, shape: undefined };
  }
  const { value, shape } = entry;
  return {
    given: entry,
    value: isFloats(value) ? copyOf(value) : value,
    shape: Array.isArray(shape) ? Array.from(shape) : shape,
  };
}

/** Whether the tensor is a result that a module keeps for itself, or a mask or indices: no part of its state. */
function isOwn(tensor: Tensor): boolean {
  return storageOf(tensor).isTemporary || !isFloatType(tensor.dtype);
}

function problemWith(entry: ReturnType<typeof readEntry> | undefined, tensor: Tensor): string | null {
  const { given, value, shape } = entry ?? {};
  if (value === undefined || shape === undefined) {
    return `must be an object with value and shape, got ${show(given)}`;
  }
  if (!isFloats(value) || dtypeOf(value) !== tensor.dtype) {
    return `must have a ${tensor.dtype} value, got ${show(value)}`;
  }
  if (!Array.isArray(shape) || !sameShape(shape, tensor.shape)) {
    return `must have shape ${showShape(tensor.shape)}, got ${show(shape)}`;
  }
  if (value.length !== tensor.size) return `must have ${tensor.size} elements, got ${value.length}`;
  return null;
}
