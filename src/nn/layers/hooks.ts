import { checkFunction } from '../../core/validate.js';
import { type Gradients, watchGradients } from '../engine/watch-gradients.js';

/** What takes a hook away again. */
export interface RemovableHandle {
  remove(): void;
}

/** When a hook is called: before `forward`, after it, or on the way back through it. */
type Time = 'before' | 'after' | 'backward';
type Hook = (...values: never[]) => unknown;
type Hooks = Readonly<Record<Time, Set<{ readonly hook: Hook }>>>;

interface Module {
  forward(...inputs: never[]): unknown;
}

// Modules call the `forward` of those inside. One with hooks has a property of that name, which is found before the method of
// its class: the others pay nothing, and who fuses layers sees that this one is another.
const hooked = new WeakMap<Module, Hooks>();

export function addHook(module: Module, time: Time, hook: Hook): RemovableHandle {
  checkFunction('hook', hook);
  const hooks = hooked.get(module) ?? replaceForward(module);
  // An entry of its own: the same function may be there twice.
  const entry = { hook };
  hooks[time].add(entry);
  return {
    remove() {
      hooks[time].delete(entry);
      if (Object.values(hooks).every(({ size }) => size === 0)) restoreForward(module, hooks);
    },
  };
}

/** Whether hooks may give the module other inputs or another output. */
export function hasForwardHooks(module: Module): boolean {
  const hooks = hooked.get(module);
  return hooks !== undefined && hooks.before.size + hooks.after.size > 0;
}

function replaceForward(module: Module): Hooks {
  const hooks: Hooks = { before: new Set(), after: new Set(), backward: new Set() };
  const { forward } = module;
  const own = Object.getOwnPropertyDescriptor(module, 'forward');
  originals.set(hooks, own);
  Object.defineProperty(module, 'forward', {
    configurable: true,
    writable: true,
    value: (...inputs: unknown[]) => runHooked(module, forward, hooks, inputs),
  });
  hooked.set(module, hooks);
  return hooks;
}

/** The property that there was before, where the class has none but each instance. */
const originals = new WeakMap<Hooks, PropertyDescriptor | undefined>();

function restoreForward(module: Module, hooks: Hooks): void {
  if (hooked.get(module) !== hooks) return;
  hooked.delete(module);
  const own = originals.get(hooks);
  if (own === undefined) Reflect.deleteProperty(module, 'forward');
  else Object.defineProperty(module, 'forward', own);
}

function runHooked(module: Module, forward: Module['forward'], hooks: Hooks, given: unknown[]): unknown {
  // Copies: a hook may remove itself.
  let inputs = given;
  for (const { hook } of [...hooks.before]) {
    const replaced: unknown = Reflect.apply(hook, undefined, [module, inputs]);
    if (replaced !== undefined) inputs = Array.isArray(replaced) ? replaced : [replaced];
  }
  const run = (actual: readonly unknown[]): unknown => Reflect.apply(forward, module, actual);
  let output =
    hooks.backward.size === 0 ? run(inputs) : watchGradients(inputs, run, backwardOf(module, hooks));
  for (const { hook } of [...hooks.after]) {
    const replaced: unknown = Reflect.apply(hook, undefined, [module, inputs, output]);
    if (replaced !== undefined) output = replaced;
  }
  return output;
}

function backwardOf(module: Module, hooks: Hooks) {
  return (gradInput: Gradients, gradOutput: Gradients): unknown => {
    let gradients: unknown = gradInput;
    for (const { hook } of [...hooks.backward]) {
      gradients = Reflect.apply(hook, undefined, [module, gradients, gradOutput]) ?? gradients;
    }
    return gradients;
  };
}
