import { lengthOf } from '../../core/float-arrays.js';
import type { ElementArray } from '../../core/types.js';
import type { Place, Program } from '../program.js';

/** Elements from `begin` to, without it, `end`. */
export interface Interval {
  readonly begin: number;
  readonly end: number;
}

/** Memory that holds elements of an array, or what is to become of them: those from `origin` on. */
export interface Span {
  readonly area: number;
  /** In bytes, where the element `origin` is. */
  readonly offset: number;
  readonly origin: number;
  /** Bytes of an element. */
  readonly width: number;
}

export function spanOf(program: Program, array: ElementArray): Span {
  return { area: program.area(array), offset: 0, origin: 0, width: array.BYTES_PER_ELEMENT };
}

export function placeIn(span: Span, { begin, end }: Interval): Place {
  const { area, offset, origin, width } = span;
  return { area, offset: offset + (begin - origin) * width, bytes: Math.max(0, end - begin) * width };
}

/** The parts that a partition gives to the ranks. */
export function partsOf(partition: readonly number[]): Interval[] {
  return partition.slice(1).map((end, rank) => ({ begin: partition[rank] ?? 0, end }));
}

/** Parts of an interval that differ by one element at most. */
export function equalParts({ begin, end }: Interval, count: number): Interval[] {
  const at = (part: number) => begin + Math.floor((part * (end - begin)) / count);
  return Array.from({ length: count }, (_, part) => ({ begin: at(part), end: at(part + 1) }));
}

export function wholeOf(array: ElementArray): Interval {
  return { begin: 0, end: lengthOf(array) };
}

/**
 * Bytes: so many that a message of them takes many times what its beginning and being waited for take, and a part of a megabyte is one
 * piece; few enough to be in the cache when they are added, while others arrive.
 */
const CHUNK = 2 ** 19;

/** Of parts of arrays that all ranks cut in the same way. */
export interface Chunks {
  /** How many the longest part has. */
  readonly count: number;
  /** That one of a part, which may be empty. */
  readonly of: (part: Interval, index: number) => Interval;
}

/** @param width bytes of an element */
export function chunksOf(parts: readonly Interval[], width: number): Chunks {
  const longest = width * Math.max(0, ...parts.map(({ begin, end }) => end - begin));
  const elements = CHUNK / width;
  return {
    count: Math.ceil(longest / CHUNK),
    of({ begin, end }, index) {
      const start = Math.min(end, begin + index * elements);
      return { begin: start, end: Math.min(end, start + elements) };
    },
  };
}
