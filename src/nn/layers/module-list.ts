import { checkInteger } from '../../core/validate.js';
import { type AnyModule, checkModule, Module } from './module.js';

/** Modules in an order, which are named by their positions. */
export abstract class ModuleSequence<
  Item extends AnyModule,
  Output,
  Inputs extends readonly unknown[],
> extends Module<Output, Inputs> {
  readonly #modules: Item[] = [];

  constructor(modules: Iterable<Item>) {
    super();
    this.extend(modules);
  }

  override namedChildren(): [name: string, child: Item][] {
    return this.#modules.map((module, i) => [String(i), module]);
  }

  get length(): number {
    return this.#modules.length;
  }

  /** The module at `index`, counted from the end where that is negative; undefined where there is none. */
  at(index: number): Item | undefined {
    return this.#modules.at(index);
  }

  /** Adds a module behind the others, and returns this. */
  append(module: Item): this {
    return this.insert(this.length, module);
  }

  /** Adds modules behind the others, and returns this. */
  extend(modules: Iterable<Item>): this {
    const added = [...modules];
    added.forEach((module, i) => {
      checkModule(`modules[${i}]`, module);
    });
    this.#modules.push(...added);
    return this;
  }

  /** Adds a module before the one at `index`, and returns this. */
  insert(index: number, module: Item): this {
    checkInteger('index', index, 0);
    if (index > this.length) throw new RangeError(`index must be at most ${this.length}, got ${index}`);
    checkModule('module', module);
    this.#modules.splice(index, 0, module);
    return this;
  }

  [Symbol.iterator](): IterableIterator<Item> {
    return this.#modules.values();
  }
}

/**
 * Modules in an order, for a module that calls them itself: it has no `forward` of its own. Iterable; `at(i)` is one of them.
 */
export class ModuleList<Item extends AnyModule = Module> extends ModuleSequence<Item, never, never[]> {
  constructor(modules: Iterable<Item> = []) {
    super(modules);
  }

  override forward(): never {
    throw new TypeError('a ModuleList has no forward: call its modules');
  }
}
