import { checkNumber } from '../core/validate.js';
import { type Schedule, toSchedule } from './schedule.js';

/** The same rate at every step. */
export function constant(lr: number): Schedule {
  checkNumber('lr', lr);
  return toSchedule(lr);
}
