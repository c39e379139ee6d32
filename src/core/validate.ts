/** How a value is shown in an error message. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (ArrayBuffer.isView(value)) {
    const length = 'length' in value ? `(${String(value.length)})` : '';
    return `${value.constructor.name}${length}`;
  }
  if (Array.isArray(value))
    return `[${value.slice(0, 8).map(show).join(', ')}${value.length > 8 ? ', …' : ''}]`;
  if (typeof value === 'object' && value !== null) return value.constructor?.name ?? 'object';
  return String(value);
}

export function checkNumber(name: string, value: unknown): asserts value is number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${show(value)}`);
}

/** A finite number of at least `low`. */
export function checkAtLeast(name: string, value: unknown, low: number): asserts value is number {
  checkNumber(name, value);
  if (!(value >= low && Number.isFinite(value))) {
    throw new RangeError(`${name} must be a finite number of at least ${low}, got ${show(value)}`);
  }
}

/** A finite number greater than `low`. */
export function checkGreater(name: string, value: unknown, low: number): asserts value is number {
  checkNumber(name, value);
  if (!(value > low && Number.isFinite(value))) {
    throw new RangeError(`${name} must be a finite number greater than ${low}, got ${show(value)}`);
  }
}

/** A number in [0, 1): a decay rate such as a momentum or a beta. */
export function checkDecayRate(name: string, value: unknown): asserts value is number {
  checkNumber(name, value);
  if (!(value >= 0 && value < 1)) throw new RangeError(`${name} must be in [0, 1), got ${show(value)}`);
}

/** A number in [0, 1]. */
export function checkProbability(probability: unknown, name = 'probability'): asserts probability is number {
  if (typeof probability !== 'number') {
    throw new TypeError(`${name} must be a number, got ${show(probability)}`);
  }
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(`${name} must be in [0, 1], got ${probability}`);
  }
}

export function checkFinite(name: string, value: unknown): asserts value is number {
  checkNumber(name, value);
  if (!Number.isFinite(value)) throw new RangeError(`${name} must be finite, got ${show(value)}`);
}

/** A number that others can be compared with: any but NaN. */
export function checkBound(name: string, value: unknown): asserts value is number {
  checkNumber(name, value);
  if (Number.isNaN(value)) throw new RangeError(`${name} must not be NaN`);
}

/** The largest position, and the largest size of a window: both sides hold them in 32 bits. */
export const MAX_INT32 = 2 ** 31 - 1;

/** A safe integer of at least `low`. */
export function checkInteger(name: string, value: unknown, low: number): asserts value is number {
  checkNumber(name, value);
  if (!(Number.isSafeInteger(value) && value >= low)) {
    throw new RangeError(`${name} must be an integer of at least ${low}, got ${show(value)}`);
  }
}

export function checkBoolean(name: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be a boolean, got ${show(value)}`);
}

/** Whether it can have properties by name: arrays do not count. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

export function checkObject(name: string, value: unknown): asserts value is Record<string, unknown> {
  if (!isObject(value)) throw new TypeError(`${name} must be an object, got ${show(value)}`);
}

export function checkOneOf<const T>(name: string, value: unknown, allowed: readonly T[]): asserts value is T {
  if (!allowed.some((one) => one === value)) {
    throw new RangeError(`${name} must be one of ${allowed.map(show).join(', ')}, got ${show(value)}`);
  }
}

export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw new TypeError(`${name} must be a function, got ${show(value)}`);
}
