// Headers of files that say too little, or the same thing twice.
import { expect, test } from 'vitest';
import { DataError, formatNpy, formatSafetensors, parseNpy, parseSafetensors } from '../../src/data/index.js';

function safetensors(header: string, data = new Uint8Array(8)): Uint8Array {
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

const entry = (from: number) => `{"dtype":"F32","shape":[1],"data_offsets":[${from},${from + 4}]}`;

test.each([
  ['a name', `{"a":${entry(0)},"a":${entry(4)}}`, /the key "a" twice/],
  ['a name that is spelt in another way', `{"a":${entry(0)} , "\\u0061" :${entry(4)}}`, /the key "a" twice/],
  ['a field', `{"a":{"dtype":"F32","shape":[1],"shape":[2],"data_offsets":[0,8]}}`, /the key "shape" twice/],
  [
    'a key of the metadata',
    `{"__metadata__":{"k":"1","k":"2"},"a":${entry(0)},"b":${entry(4)}}`,
    /"k" twice/,
  ],
  [
    'a key behind lists and closed objects',
    `{"a":${entry(0)},"l":[{"k":[]}],"a" \t:${entry(4)}}`,
    /"a" twice/,
  ],
])('a .safetensors file that has %s twice is refused', (_, header, message) => {
  expect(() => parseSafetensors(safetensors(header), 'file')).toThrow(message);
  expect(() => parseSafetensors(safetensors(header), 'file')).toThrow(DataError);
});

test('the same text in other places of a header is none', () => {
  const header = `{"__metadata__":{"dtype":"{\\"a\\": 1, \\"a\\": 2}"},"a":${entry(0)},"dtype":${entry(4)}}`;
  expect(Object.keys(parseSafetensors(safetensors(header), 'file'))).toEqual(['a', 'dtype']);
  const nested = `{"__metadata__":{"a":"","l":[{"k":1},{"k":1}],"k":"\\\\"},"k":${entry(0)},"a":${entry(4)}}`;
  expect(Object.keys(parseSafetensors(safetensors(nested), 'file'))).toEqual(['k', 'a']);
});

test.each(['[', '{"a":'])('a header of more than 64 times %s is refused before it is parsed', (open) => {
  const header = (depth: number) => `{"a":${entry(0)},"b":${entry(4)},"__metadata__":${open.repeat(depth)}`;
  expect(() => parseSafetensors(safetensors(header(64)), 'file')).toThrow(/is deeper than 64 objects/);
  expect(() => parseSafetensors(safetensors(header(63)), 'file')).toThrow(/is not JSON/);
});

test('what is no file is refused by name', () => {
  for (const parse of [parseSafetensors, parseNpy]) {
    // @ts-expect-error no bytes
    expect(() => parse(undefined, 'file')).toThrow(/^bytes must be a Uint8Array, got undefined/);
  }
  expect(() => parseNpy(new Uint8Array(20))).toThrow(/^bytes: expected a .npy file/);
});

function npy(header: string): Uint8Array {
  const [first, elements] = formatNpy({ value: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] });
  const padded = Buffer.alloc(first.length, ' ');
  padded.set(first.subarray(0, 10));
  padded.write(header, 10, 'latin1');
  return Buffer.concat([padded, elements]);
}

test.each([
  "{'shape': (2, 3), 'fortran_order': False, 'descr': '<f4'}",
  '{"fortran_order": False, "descr": "<f4", "shape": (2, 3,), }',
  "{ 'descr' : '<f4' , 'shape':(2,3) , 'fortran_order':False , }",
])('reads a .npy header in any order: %s', (header) => {
  expect(parseNpy(npy(header), 'file')).toEqual({ value: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] });
});

test.each([
  "{'descr': '<f4', 'shape': (2, 3)}",
  "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}",
  "{'descr': '<f4', 'fortran_order': 'no', 'shape': (2, 3)}",
  "{'descr': '<f4', 'fortran_order': False, 'shape': '2'}",
  "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'more': True}",
  "{'descr': '<f4' 'fortran_order': False, 'shape': (2, 3)}",
])('refuses a .npy header that cannot be read: %s', (header) => {
  expect(() => parseNpy(npy(header), 'file')).toThrow(/file: the header cannot be read/);
});

test('holes in a shape are no lengths', () => {
  const shape: number[] = Object.assign(new Array<number>(2), { 1: 4 });
  const array = { value: new Float32Array(4), shape };
  expect(() => formatNpy(array)).toThrow(TypeError);
  expect(() => formatSafetensors({ a: array })).toThrow(TypeError);
});
