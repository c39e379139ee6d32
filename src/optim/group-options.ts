import type { Parameter } from '../array/parameter.js';
import { checkOptions } from '../core/options.js';
import { checkBoolean, checkFunction, show } from '../core/validate.js';
import { type LearningRate, toSchedule } from '../schedule/index.js';
import type { OptimizerOptions, Resolved } from './common-options.js';
import type { Definition } from './definition.js';
import { checkOwn, findScheduled, optionsAt, type ScheduledOption } from './scheduled-options.js';

/** Options as they were given, with every default in its place: some may be schedules. */
export type GivenOptions = Readonly<Record<string, unknown>>;

/** What a group has of its options at a step. */
interface GroupOptions<Options> {
  readonly options: Resolved<Options>;
  readonly scheduled: readonly ScheduledOption[];
}

/** Puts defaults in the place of what is left out. @throws TypeError for an option that there is none of. */
export function readGiven<Options extends OptimizerOptions, Memory extends object>(
  definition: Definition<Options, Memory>,
  defaults: object,
  options: object,
  owner: string,
): GivenOptions {
  const known = Object.keys(definition.defaults);
  // What decays can be told not to.
  if (known.includes('weightDecay')) known.push('noDecay');
  checkOptions<object>(owner, options, Object.fromEntries(known.map((name) => [name, true as const])));
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}

/**
 * The one place where a learning rate becomes a schedule, and other schedules become numbers.
 * @param steps how many the optimizer has taken
 * @throws TypeError or RangeError naming the option that does not fit.
 */
export function optionsOfGroup<Options extends OptimizerOptions, Memory extends object>(
  definition: Definition<Options, Memory>,
  { lr, noDecay, ...others }: GivenOptions,
  steps: number,
): {
  readonly decayed: GroupOptions<Options>;
  readonly exempt: GroupOptions<Options>;
  /** Whether a parameter is one of the exempt. */
  isExempt(parameter: Parameter): boolean;
} {
  const scheduled = findScheduled(others, definition.defaults);
  // The names are those of the definition's defaults, and what stands for a number is one from here on.
  const given = { ...others, lr: toSchedule(lr as LearningRate) } as unknown as Resolved<Options>;
  const options = optionsAt(definition, given, scheduled, steps);
  if (scheduled.length === 0) checkOwn(definition, options);
  return {
    decayed: { options, scheduled },
    exempt: {
      options: { ...options, weightDecay: 0 },
      scheduled: scheduled.filter(({ option }) => option !== 'weightDecay'),
    },
    isExempt: predicateOf(noDecay),
  };
}

function predicateOf(noDecay: unknown): (parameter: Parameter) => boolean {
  if (noDecay === undefined) return () => false;
  checkFunction('noDecay', noDecay);
  const asked = noDecay as (parameter: Parameter) => unknown;
  return (parameter) => {
    const isExempt = asked(parameter);
    checkBoolean(`noDecay(${show(parameter.name)})`, isExempt);
    return isExempt;
  };
}
