import { checkInteger, checkObject, show } from '../../core/validate.js';
import * as nn from '../../nn/index.js';
import { type AnyModule, tensorsIn } from '../../nn/layers/module.js';

// PyTorch flattens an image channel by channel, and here channels are last: the columns of the linear layer behind it are in
// another order. Which layers these are follows from a Sequential; of other modules the user says it.

/** The layers over images and sequences. */
const CONVOLUTIONS = [nn.Conv1d, nn.Conv2d, nn.ConvTranspose1d, nn.ConvTranspose2d] as const;
const NORMALIZATIONS = [
  nn.BatchNorm1d,
  nn.BatchNorm2d,
  nn.GroupNorm,
  nn.InstanceNorm1d,
  nn.InstanceNorm2d,
] as const;

/** What keeps the channels, beside what has no tensors at all. */
const KEEPING = [nn.LayerNorm, nn.RMSNorm, nn.PReLU] as const;
const CLASSES: ReadonlySet<unknown> = new Set(Object.values(nn));

/** Whether what a module gives has the channels of what it takes. */
function keepsChannels(module: AnyModule): boolean {
  if (!CLASSES.has(module.constructor) || module instanceof nn.Unflatten) return false;
  return isOf(module, KEEPING) || Object.keys(module.stateDict()).length === 0;
}

const isOf = (module: AnyModule, classes: readonly (abstract new (...args: never[]) => AnyModule)[]) =>
  classes.some((one) => module instanceof one);

/** How many channels the images have that are flattened before each linear layer. */
export function flattenedBefore(model: nn.Module, given: unknown): ReadonlyMap<AnyModule, number> {
  const found = new Walk(model, given !== undefined).found;
  if (given === undefined) return found;
  checkObject('flattened', given);
  const all = new Map(found);
  for (const [name, channels] of Object.entries(given)) {
    const layer = model.getSubmodule(name);
    if (!(layer instanceof nn.Linear))
      throw new TypeError(`flattened[${show(name)}] must name a Linear, got ${show(layer)}`);
    checkInteger(`flattened[${show(name)}]`, channels, 1);
    const [, inputs] = layer.weight.shape;
    if (inputs % channels !== 0) {
      throw new RangeError(`flattened[${show(name)}] must divide ${inputs} columns, got ${channels}`);
    }
    all.set(layer, channels);
  }
  return all;
}

class Walk {
  readonly found = new Map<AnyModule, number>();
  /** The channels of what goes through the modules: null where that is not known. */
  #channels: number | null = null;
  /** Those of what was flattened, until a linear layer takes it. */
  #flattened: number | null = null;

  constructor(model: nn.Module, isAnswered: boolean) {
    const named = model.namedModules();
    const isOverImages = named.some(([, module]) => isOf(module, CONVOLUTIONS));
    for (const [, module] of named) {
      if (!(module instanceof nn.Sequential)) continue;
      this.#channels = null;
      this.#flattened = null;
      this.#pass(module);
    }
    const open = named.find(([, module]) => module instanceof nn.Flatten && !this.#seen.has(module));
    if (!isOverImages || isAnswered || open === undefined) return;
    throw new Error(
      `what ${show(open[0])} flattens has its channels last, where PyTorch has them first: say how many there are for each ` +
        "linear layer that takes it, { flattened: { fc: 16 } } where that is 'fc', or { flattened: {} } if there is none",
    );
  }

  /** Those of which the channels are known. */
  readonly #seen = new Set<AnyModule>();

  #pass(module: AnyModule): void {
    if (module instanceof nn.Sequential) {
      for (const inner of module) this.#pass(inner);
    } else if (module instanceof nn.Residual) this.#pass(module.body);
    else if (isOf(module, CONVOLUTIONS)) this.#channels = outputsOf(module);
    else if (isOf(module, NORMALIZATIONS)) this.#channels = Object.fromEntries(tensorsIn(module)).bias.size;
    else if (module instanceof nn.Flatten) {
      if (this.#channels !== null) this.#seen.add(module);
      this.#flattened = this.#channels;
      this.#channels = null;
    } else if (module instanceof nn.Linear) {
      const [, inputs] = module.weight.shape;
      if (this.#flattened !== null && inputs % this.#flattened === 0) {
        this.found.set(module, this.#flattened);
      }
      this.#flattened = null;
      this.#channels = null;
    } else if (!keepsChannels(module)) {
      this.#flattened = null;
      this.#channels = null;
    }
  }
}

function outputsOf(module: AnyModule): number | null {
  if (module instanceof nn.Conv1d || module instanceof nn.Conv2d) return module.weight.shape[0];
  if (module instanceof nn.ConvTranspose1d || module instanceof nn.ConvTranspose2d)
    return (module.weight.shape.at(-1) ?? 0) * module.groups;
  return null;
}
