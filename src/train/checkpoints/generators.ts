import { Generator, setPlace } from '../../array/generator.js';
import { checkInteger, checkObject, show } from '../../core/validate.js';
import { defaultGenerator } from '../../nn/engine/default-generator.js';
import type { Module } from '../../nn/index.js';

/** Where a generator is. */
interface Place {
  readonly seed: number;
  readonly position: number;
}

/** By what names generators have here. */
type Places = Readonly<Record<string, Place>>;

/**
 * The generators that a training may draw from: the one that `manualSeed` restarts, those in properties of modules, and others
 * that are given. Data that can only be gone through again draw again, too: so where all were when the epoch began is kept.
 */
export class Generators {
  readonly #model: Module;
  readonly #others: readonly (readonly [name: string, generator: Generator])[];
  #atEpoch: Places = {};

  constructor(model: Module, others: Readonly<Record<string, unknown>>) {
    this.#model = model;
    this.#others = Object.entries(others).flatMap(([name, part]): [string, Generator][] =>
      part instanceof Generator ? [[`extra.${name}`, part]] : [],
    );
  }

  /** To be called where the data of an epoch begin. */
  beginEpoch(): void {
    this.#atEpoch = this.#places();
  }

  /** Puts all where they were when the epoch began. @returns what puts them where they are now. */
  rewind(): () => void {
    const now = this.#places();
    this.#put(this.#atEpoch);
    return () => this.#put(now);
  }

  stateDict(): { readonly now: Places; readonly atEpoch: Places } {
    return { now: this.#places(), atEpoch: this.#atEpoch };
  }

  loadStateDict(state: unknown): void {
    checkObject('generators', state);
    const now = this.#read('generators.now', state.now);
    // None where no epoch had begun.
    const atEpoch = this.#read('generators.atEpoch', { ...now, ...asObject(state.atEpoch) });
    this.#put(now);
    this.#atEpoch = atEpoch;
  }

  #read(name: string, places: unknown): Places {
    checkObject(name, places);
    const own = [...this.#all().keys()];
    const unknown = Object.keys(places).filter((key) => !own.includes(key));
    if (unknown.length > 0) throw new RangeError(`${name} has ${show(unknown)}, which the model has not`);
    const read = own.map((key) => {
      const place = places[key];
      checkObject(`${name}[${show(key)}]`, place);
      const { seed, position } = place;
      checkInteger(`${name}[${show(key)}].seed`, seed, 0);
      checkInteger(`${name}[${show(key)}].position`, position, 0);
      return [key, { seed, position }] as const;
    });
    return Object.fromEntries(read);
  }

  #places(): Places {
    const places = [...this.#all()].map(([name, { seed, position }]) => [name, { seed, position }] as const);
    return Object.fromEntries(places);
  }

  #put(places: Places): void {
    for (const [name, generator] of this.#all()) {
      const place = places[name];
      if (place !== undefined) setPlace(generator, place.seed, place.position);
    }
  }

  /** Each once, by the first of its names. */
  #all(): Map<string, Generator> {
    const inside = this.#model
      .namedModules()
      .flatMap(([path, module]) =>
        Object.entries(module).map(([key, value]): [string, unknown] => [`model.${path}.${key}`, value]),
      );
    const found = new Map<Generator, string>();
    for (const [name, value] of [['manualSeed', defaultGenerator()] as const, ...inside, ...this.#others]) {
      if (value instanceof Generator && !found.has(value)) found.set(value, name);
    }
    return new Map([...found].map(([generator, name]) => [name, generator]));
  }
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
