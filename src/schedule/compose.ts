import { checkInteger, checkNumber, checkObject, show } from '../core/validate.js';
import {
  fromRate,
  loadScheduleStates,
  type Schedule,
  type ScheduleState,
  scheduleStates,
} from './schedule.js';

/** A schedule inside another one, and the outer step at which its own step 0 falls (Infinity: not known yet). */
export interface Part {
  readonly schedule: Schedule;
  start(): number;
}

/** What a metric-driven composition remembers itself, beside its parts. */
export interface Memory {
  observe(metric: number, step: number): void;
  save(): ScheduleState | null;
  /** Checks a saved state and changes nothing; the function it returns puts the state in force and cannot fail. */
  parse(state: unknown): () => void;
}

const NO_MEMORY: Memory = {
  observe() {},
  save: () => null,
  parse(state) {
    if (state !== null) throw new TypeError(`state.memory must be null, got ${show(state)}`);
    return () => {};
  },
};

/** The own memory of a composition, and what it makes of the rate of the part in force. */
export interface Own {
  readonly memory?: Memory;
  adjust?(rate: number, step: number): number;
}

/**
 * Puts schedules one after another: at each step the last part that has started is in force, and counts its own steps
 * from its start. A metric goes to the own memory first and then to the part in force, with that part's step count.
 * The result is metric-driven if anything in it is.
 */
export function compose(name: string, first: Schedule, later: readonly Part[], own: Own = {}): Schedule {
  const { memory = NO_MEMORY, adjust } = own;
  const parts: readonly Part[] = [{ schedule: first, start: () => 0 }, ...later];
  const schedules = parts.map((part) => part.schedule);

  function inForce(step: number): { schedule: Schedule; start: number } {
    const part = parts.findLast((one) => one.start() <= step) ?? parts[0];
    return { schedule: part.schedule, start: part.start() };
  }

  const { at } = fromRate((step) => {
    const { schedule, start } = inForce(step);
    const rate = schedule.at(step - start);
    return adjust === undefined ? rate : adjust(rate, step);
  });
  if (memory === NO_MEMORY && !schedules.some((schedule) => schedule.observe !== undefined)) return { at };

  return {
    at,
    observe(metric, step) {
      checkNumber('metric', metric);
      checkInteger('step', step, 0);
      memory.observe(metric, step);
      const { schedule, start } = inForce(step);
      schedule.observe?.(metric, step - start);
    },
    stateDict() {
      return { schedule: name, memory: memory.save(), parts: scheduleStates(schedules) };
    },
    loadStateDict(state) {
      checkObject('state', state);
      if (state.schedule !== name) {
        throw new TypeError(`state.schedule must be ${show(name)}, got ${show(state.schedule)}`);
      }
      const commit = memory.parse(state.memory);
      loadScheduleStates('state.parts', schedules, state.parts);
      commit();
    },
  };
}
