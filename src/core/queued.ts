/**
 * The key of what hands out the arrays of a parameter to whoever only passes them on to kernels: without waiting for those
 * that are queued, as `value` and `grad` do. A parameter need not have it.
 */
export const queued: unique symbol = Symbol.for('lockstep.queued');
