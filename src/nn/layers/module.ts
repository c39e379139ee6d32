import { clearGrad } from '../../array/parameter.js';
import { plainCopies } from '../../backend/memory.js';
import { type Copying, copiedState } from '../../core/copied-state.js';
import { isFloats, isFloatType } from '../../core/dtypes.js';
import { finishLoading, type Loading, nothingToAttempt, prepareLoading } from '../../core/loading.js';
import { checkUnlocked } from '../../core/locks.js';
import { checkBoolean, checkObject, show } from '../../core/validate.js';
import { written } from '../../core/written.js';
import { checkTensor, isParameter, storageOf, Tensor } from '../engine/tensor.js';
import type { Gradients } from '../engine/watch-gradients.js';
import { summaryOf } from '../summary.js';
import { addHook, type RemovableHandle } from './hooks.js';
import { copyEntry, type Entry, type ModuleState, problemWith, readEntry } from './module-state.js';

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

  /** The modules directly inside. */
  children(): AnyModule[] {
    return this.namedChildren().map(([, child]) => child);
  }

  /** This module and all modules inside, each once, with their names as seen from here: its own is `prefix`. */
  namedModules(prefix = '', seen: Set<AnyModule> = new Set()): [name: string, module: AnyModule][] {
    if (seen.has(this)) return [];
    seen.add(this);
    const inner = this.namedChildren().flatMap(([name, child]) =>
      child.namedModules(join(prefix, name), seen),
    );
    return [[prefix, this], ...inner];
  }

  /** This module and all modules inside, each once. */
  modules(): AnyModule[] {
    return this.namedModules().map(([, module]) => module);
  }

  /** Calls `fn` with every module inside and then with this one, each once, and returns this. */
  apply(fn: (module: AnyModule) => void): this {
    for (const module of this.modules().reverse()) fn(module);
    return this;
  }

  /**
   * The module of this name, `blocks.0.norm1`, as seen from here.
   * @throws RangeError where there is none.
   */
  getSubmodule(name: string): AnyModule {
    if (name === '') return this;
    for (const [start, child] of this.namedChildren()) {
      if (name === start) return child;
      if (name.startsWith(`${start}.`)) return child.getSubmodule(name.slice(start.length + 1));
    }
    throw new RangeError(`there is no module ${show(name)} in ${this.constructor.name}`);
  }

  /**
   * The parameter of this name as seen from here, also where it is frozen.
   * @throws RangeError where there is none.
   */
  getParameter(name: string): Tensor {
    const found = this.#everyName().find(([one, tensor]) => one === name && isParameter(tensor));
    if (found === undefined)
      throw new RangeError(`there is no parameter ${show(name)} in ${this.constructor.name}`);
    return found[1];
  }

  /**
   * All parameters and buffers with their names as seen from here: one that is in several places has several.
   * @param around the modules that this one is in: who refers to one of them is not gone through again.
   */
  #everyName(prefix = '', around: readonly AnyModule[] = []): [name: string, tensor: Tensor][] {
    if (around.includes(this)) return [];
    const own = tensorsIn(this).map(([name, tensor]): [string, Tensor] => [join(prefix, name), tensor]);
    const inner = this.namedChildren().flatMap(([name, child]) =>
      child.#everyName(join(prefix, name), [...around, this]),
    );
    return [...own, ...inner];
  }

  /** All parameters and buffers, each once, with the first of their names as seen from here. */
  #namedTensors(): [name: string, tensor: Tensor][] {
    const seen = new Set<Tensor>();
    return this.#everyName().filter(([, tensor]) => {
      const isNew = !seen.has(tensor);
      seen.add(tensor);
      return isNew;
    });
  }

  /** Tells every module inside where it is, and every tensor its name: both as seen from the outermost module. */
  #nameAll(): Tensor[] {
    for (const [name, module] of this.namedModules(this.#path)) module.#path = name;
    return this.#namedTensors().map(([name, tensor]) => {
      tensor.name = join(this.#path, name);
      return tensor;
    });
  }

  /** The tensors to train with their names as seen from here: each once, also where two modules share it. */
  namedParameters(): [name: string, parameter: Tensor][] {
    return this.#namedTensors().filter(([, tensor]) => tensor.requiresGrad);
  }

  /** The tensors of `buffers()` with their names as seen from here. */
  namedBuffers(): [name: string, buffer: Tensor][] {
    return this.#namedTensors().filter(([, tensor]) => !tensor.requiresGrad);
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

  /**
   * Freezes all parameters inside (false), or trains them again, and returns this. What is frozen costs no gradient, and is
   * among the buffers until then. Running statistics are no parameters.
   */
  requiresGrad_(requiresGrad = true): this {
    checkBoolean('requiresGrad', requiresGrad);
    for (const [, tensor] of this.#namedTensors()) {
      if (isParameter(tensor)) tensor.requiresGrad = requiresGrad;
    }
    return this;
  }

  /**
   * From now on calls `hook(module, inputs)` before every `forward`. What it returns, if anything, takes the place of the
   * inputs: an array of them, or the only one.
   */
  registerForwardPreHook(hook: (module: this, inputs: Inputs) => unknown): RemovableHandle {
    return addHook(this, 'before', hook);
  }

  /**
   * From now on calls `hook(module, inputs, output)` after every `forward`. What it returns, if anything, takes the place of
   * the output.
   */
  registerForwardHook(hook: (module: this, inputs: Inputs, output: Output) => unknown): RemovableHandle {
    return addHook(this, 'after', hook);
  }

  /**
   * From now on calls `hook(module, gradInput, gradOutput)` whenever `backward()` has the gradients by the inputs of a
   * `forward`, null where there is none, and by its output: a tensor, or an array of them. They are copies. What it returns,
   * if anything, takes the place of those by the inputs.
   */
  registerFullBackwardHook(
    hook: (module: this, gradInput: Gradients, gradOutput: Gradients) => unknown,
  ): RemovableHandle {
    return addHook(this, 'backward', hook);
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

  /**
   * A copy of all parameters and buffers by name, as seen from this module. One that is in several places stands under each of
   * its names, with one copy.
   */
  stateDict(): ModuleState {
    return this.#copied(plainCopies);
  }

  /** For checkpoints: see {@link copiedState}. */
  [copiedState](copying: Copying): ModuleState | null {
    return this.stateDict === Module.prototype.stateDict ? this.#copied(copying) : null;
  }

  #copied(copying: Copying): ModuleState {
    const copies = new Map<Tensor, ModuleState[string]>();
    for (const [, tensor] of this.#namedTensors()) {
      copies.set(tensor, { value: copying.copy(tensor.value), shape: [...tensor.shape] });
    }
    const state: ModuleState = {};
    for (const [name, tensor] of this.#everyName()) {
      const copy = copies.get(tensor);
      if (copy !== undefined) state[name] = copy;
    }
    return state;
  }

  /**
   * Copies all parameters and buffers from what `stateDict()` gave. Names, shapes and element types must be exactly
   * those of this module: else an error names each that is not, and nothing has changed. Of several names of one tensor one is
   * enough, and the last one counts.
   */
  loadStateDict(state: ModuleState): void {
    checkObject('state', state);
    // Everything is read once, into copies, before anything is checked: `state` may hold this module's own arrays, and
    // getters that change what was checked.
    finishLoading(this.#prepare(Object.entries(state).map(([name, entry]) => [name, copyEntry(entry)])));
  }

  /** For checkpoints, whose states are nobody else's: see {@link prepareLoading}. */
  [prepareLoading](state: unknown): Loading | null {
    if (this.loadStateDict !== Module.prototype.loadStateDict) return null;
    checkObject('state', state);
    return this.#prepare(Object.entries(state).map(([name, entry]) => [name, readEntry(entry)]));
  }

  #prepare(entries: readonly (readonly [name: string, entry: Entry])[]): Loading {
    const saved = new Map(entries);
    const places = this.#everyName();
    const names = new Set(places.map(([name]) => name));
    const found = new Set(places.flatMap(([name, tensor]) => (saved.has(name) ? [tensor] : [])));
    const tensors = places.filter(([name, tensor]) => saved.has(name) || !found.has(tensor));
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
    return {
      attempt: nothingToAttempt,
      copies: targets.flatMap(({ array, entry }) =>
        isFloats(entry?.value) ? [{ from: entry.value, into: array }] : [],
      ),
      finish() {
        for (const { tensor } of targets) tensor[written]();
      },
    };
  }
}

/** A name inside of the module at `path`. */
export function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** The parameters and buffers that a module has itself, by the names of its properties. */
export function tensorsIn(module: AnyModule): [name: string, tensor: Tensor][] {
  return Object.entries(module).flatMap(([name, value]): [string, Tensor][] =>
    value instanceof Tensor && !isOwn(value) ? [[name, value]] : [],
  );
}

/** @throws TypeError where `value` is no Module. */
export function checkModule(name: string, value: unknown): asserts value is Module {
  if (!(value instanceof Module)) throw new TypeError(`${name} must be a Module, got ${show(value)}`);
}

/** Whether the tensor is a result that a module keeps for itself, or a mask or indices: no part of its state. */
function isOwn(tensor: Tensor): boolean {
  return storageOf(tensor).isTemporary || !isFloatType(tensor.dtype);
}
