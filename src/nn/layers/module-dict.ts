import { checkObject, show } from '../../core/validate.js';
import { type AnyModule, checkModule, Module } from './module.js';

/**
 * Modules by name, for a module that calls them itself: it has no `forward` of its own. Iterable, as a Map is, in the order in
 * which they came.
 */
export class ModuleDict<Item extends AnyModule = Module> extends Module<never, never[]> {
  readonly #modules = new Map<string, Item>();

  constructor(modules: Readonly<Record<string, Item>> = {}) {
    super();
    checkObject('modules', modules);
    for (const [name, module] of Object.entries(modules)) this.set(name, module);
  }

  override namedChildren(): [name: string, child: Item][] {
    return [...this.#modules];
  }

  get size(): number {
    return this.#modules.size;
  }

  get(name: string): Item | undefined {
    return this.#modules.get(name);
  }

  has(name: string): boolean {
    return this.#modules.has(name);
  }

  /** Adds a module, or puts it in the place of the one of this name, and returns this. A name is not empty and has no dot. */
  set(name: string, module: Item): this {
    if (typeof name !== 'string' || name === '' || name.includes('.')) {
      throw new TypeError(`name must be a string without a dot, not empty, got ${show(name)}`);
    }
    checkModule(name, module);
    this.#modules.set(name, module);
    return this;
  }

  /** Removes a module. @returns whether it was there. */
  delete(name: string): boolean {
    return this.#modules.delete(name);
  }

  keys(): IterableIterator<string> {
    return this.#modules.keys();
  }

  values(): IterableIterator<Item> {
    return this.#modules.values();
  }

  [Symbol.iterator](): IterableIterator<[string, Item]> {
    return this.#modules.entries();
  }

  override forward(): never {
    throw new TypeError('a ModuleDict has no forward: call its modules');
  }
}
