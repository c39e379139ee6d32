import type { Clip } from '../backend/contract/rules.js';
import { settle } from '../backend/select.js';
import { checkNumber, isObject, show } from '../core/validate.js';
import type { OptimizerOptions } from './common-options.js';
import { refusePromise, type UpdateDefinition } from './definition.js';
import type { ParameterGroups } from './groups.js';
import { type ParameterState, tellWritten } from './parameter-state.js';
import { ParameterViews } from './views.js';

/** What a closure returns: the loss, as a number or as a tensor of one. */
export type Loss = number | { item(): number };

/** The steps of an optimizer whose update is written in TypeScript. */
export class UpdateStep<Options extends OptimizerOptions, Memory extends object> {
  readonly #definition: UpdateDefinition<Options, Memory>;
  readonly #groups: ParameterGroups<Options, Memory>;
  readonly #views: ParameterViews<Options, Memory>;

  constructor(definition: UpdateDefinition<Options, Memory>, groups: ParameterGroups<Options, Memory>) {
    this.#definition = definition;
    this.#groups = groups;
    this.#views = new ParameterViews(definition);
  }

  readonly clips = false;
  readonly reads = true;
  readonly readsAfter = false;

  /**
   * @param states those that take the step
   * @param steps the optimizer's, without it
   * @param _clip is nothing, for `clips` is false
   * @param loss what the closure returned
   */
  take(
    states: readonly ParameterState<Options, Memory>[],
    steps: number,
    _clip: Clip,
    loss: Loss | undefined,
    closure: (() => Loss) | undefined,
  ): void {
    const parameters = this.#views.of(states, steps);
    const { rowSteps } = this.#views;
    const evaluate = () => {
      tellWritten(states);
      // A closure over plain arrays cannot wait for what the update has queued.
      settle();
      const again = numberOf(closure?.());
      settle();
      this.#groups.readAgain(states);
      states.forEach((state, i) => {
        const { value, grad } = state;
        if (!grad) throw withoutGrad(state.key);
        Object.assign(parameters[i], { value, grad });
      });
      return again;
    };
    // A learning rate is the caller's code, and may have taken memory away.
    this.#groups.readAgain(states);
    for (const rowStep of rowSteps) rowStep.gather();
    settle();
    const evaluation = closure === undefined ? undefined : { loss: numberOf(loss), evaluate };
    try {
      refusePromise(this.#definition, 'update', this.#definition.update(parameters, evaluation));
      for (const rowStep of rowSteps) rowStep.scatter();
    } finally {
      // What was written before an error is there.
      tellWritten(states);
    }
  }

  /** An update has seen all there is to learn. */
  after(): void {}
}

function withoutGrad(key: string): TypeError {
  return new TypeError(`parameter ${show(key)} must have a grad after every call of the closure`);
}

/** @throws TypeError where a closure did not return a loss: a promise, say, whose gradients are yet to come. */
export function checkLoss(loss: unknown): void {
  if (typeof loss === 'number' || (isObject(loss) && typeof loss.item === 'function')) return;
  throw new TypeError(`closure must return the loss, a number or a tensor of one element, got ${show(loss)}`);
}

function numberOf(loss: Loss | undefined): number {
  const number: unknown = typeof loss === 'object' ? loss?.item() : loss;
  // A search along a line has to see a loss that is not finite.
  checkNumber('the loss that the closure returns', number);
  return number;
}
