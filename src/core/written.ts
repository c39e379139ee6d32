/**
 * The key of what a parameter is told after its value was written to: a tensor then refuses to go back through what was
 * computed from the value before. A parameter need not have it.
 */
export const written: unique symbol = Symbol.for('lockstep.written');
