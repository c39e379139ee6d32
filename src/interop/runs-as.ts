import type { AnyModule } from '../nn/layers/module.js';

type Class = abstract new (...args: never[]) => AnyModule;

/** Whether a module is of this class and runs as that does: one that is derived may have a `forward` of its own. */
export function runsAs<C extends Class>(module: AnyModule, one: C): module is InstanceType<C> & AnyModule {
  if (!(module instanceof one)) return false;
  const own: unknown = Object.getPrototypeOf(module);
  return Reflect.get(Object(own), 'forward') === Reflect.get(Object(one.prototype), 'forward');
}
