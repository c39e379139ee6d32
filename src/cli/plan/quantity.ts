import { show } from '../../core/validate.js';
import { UsageError } from '../errors.js';
import type { Flag } from '../flags.js';

/** Unit -> what one of it is. The unit '' is that of a number alone. */
export type Units = Readonly<Record<string, number>>;

export const COUNTS: Units = { '': 1, K: 1e3, M: 1e6, B: 1e9, T: 1e12 };
/** In seconds. */
export const TIMES: Units = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1 };
/** In bytes. */
export const SIZES: Units = { kB: 1e3, MB: 1e6, GB: 1e9 };
/** In bytes a second. */
export const RATES: Units = { Mbit: 1e6 / 8, Gbit: 1e9 / 8, Tbit: 1e12 / 8, MB: 1e6, GB: 1e9 };

const QUANTITY = /^(\d+(?:\.\d+)?)([^\d.]*)$/;

interface QuantityOptions {
  readonly placeholder: string;
  readonly help: string;
  /** What it is, as it follows 'must be'. */
  readonly what: string;
  readonly units: Units;
  readonly example: string;
  readonly allowsZero?: boolean;
}

/** A flag for a number with its unit, in the unit that the table's numbers are of. */
export function quantity({
  placeholder,
  help,
  what,
  units,
  example,
  allowsZero,
}: QuantityOptions): Flag<number> {
  return {
    placeholder,
    help,
    parse(value, flag) {
      const [, digits = '', unit = ''] = QUANTITY.exec(value) ?? [];
      const scaled =
        digits !== '' && Object.hasOwn(units, unit) ? times(Number(digits), units[unit]) : Number.NaN;
      if (Number.isFinite(scaled) && (scaled > 0 || (scaled === 0 && allowsZero === true))) return scaled;
      throw new UsageError(
        `${flag} must be ${what}${allowsZero ? '' : ' above 0'}, with ${unitNames(units)}, such as ${example}; got ${show(value)}`,
      );
    },
  };
}

/** 5 us are 5e-6 s, where 5 * 1e-6 is not 5e-6. */
const times = (value: number, unit: number) => (unit < 1 ? value / Math.round(1 / unit) : value * unit);

function unitNames(units: Units): string {
  const names = Object.keys(units).filter((name) => name !== '');
  const isOptional = Object.hasOwn(units, '');
  return `${isOptional ? 'no unit or ' : ''}${names.length === 1 ? names[0] : `one of ${names.join(', ')}`}`;
}
