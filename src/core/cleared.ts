/**
 * The key of what is told that the gradient of a parameter is zero from now on, in the place of being filled with zeros: a tensor
 * then has the next contribution overwrite it. A parameter need not have it.
 */
export const cleared: unique symbol = Symbol.for('lockstep.cleared');
