// Element types of files other than floats.
import { expect, test } from 'vitest';
import {
  formatNpy,
  formatSafetensors,
  parseNpy,
  parseSafetensors,
  type StoredElements,
  toInt32,
} from '../../src/data/index.js';
import { toBFloat16, toFloat16 } from '../../src/index.js';

const bits = Uint16Array.of(0x3f80, 0xc000, 0x0001);

const arrays: readonly [
  name: string,
  npy: string | null,
  safetensors: string,
  StoredElements,
  dtype?: string,
][] = [
  ['float32', '<f4', 'F32', Float32Array.of(1.5, -2, 0)],
  ['float64', '<f8', 'F64', Float64Array.of(1.1, -2, 0)],
  ['int8', '|i1', 'I8', Int8Array.of(-128, 127, 1)],
  ['uint8', '|u1', 'U8', Uint8Array.of(0, 255, 7)],
  ['bool', '|b1', 'BOOL', Uint8Array.of(0, 1, 1), 'bool'],
  ['int16', '<i2', 'I16', Int16Array.of(-32768, 5, 6)],
  ['uint16', '<u2', 'U16', Uint16Array.of(65535, 5, 6)],
  ['float16', '<f2', 'F16', bits, 'float16'],
  ['bfloat16', null, 'BF16', bits, 'bfloat16'],
  ['int32', '<i4', 'I32', Int32Array.of(-(2 ** 31), 5, 6)],
  ['uint32', '<u4', 'U32', Uint32Array.of(2 ** 32 - 1, 5, 6)],
  ['int64', '<i8', 'I64', BigInt64Array.of(-(2n ** 63n), 2n ** 60n + 1n, 3n)],
  ['uint64', '<u8', 'U64', BigUint64Array.of(2n ** 64n - 1n, 1n, 3n)],
];

const bytesOf = (value: StoredElements) => new Uint8Array(value.buffer, value.byteOffset, value.byteLength);

test.each(arrays)('%s comes back as it was', (_name, npy, safetensors, value, dtype) => {
  const array = { value, shape: [3], ...(dtype === undefined ? {} : { dtype }) };
  const [header, ...rest] = formatSafetensors({ a: array });
  expect(JSON.parse(Buffer.from(header.subarray(8)).toString()).a.dtype).toBe(safetensors);
  const file = Buffer.concat([header, ...rest]);
  expect(Buffer.concat(rest)).toEqual(Buffer.from(bytesOf(value)));
  expect(parseSafetensors(file, 'file', { types: 'all', half: 'raw' })).toEqual({ a: array });
  if (npy === null) expect(() => formatNpy(array)).toThrow('array.dtype must be a type that NumPy has');
  else {
    const parts = formatNpy(array);
    expect(Buffer.from(parts[0]).toString('latin1')).toContain(`'descr': '${npy}'`);
    expect(parseNpy(Buffer.concat(parts), 'file', { half: 'raw' })).toEqual(array);
  }
});

test('halves are float32 in memory unless their bits are asked for, and written from it', () => {
  const value = Float32Array.of(1, -2.5, 65504, Number.POSITIVE_INFINITY);
  for (const [dtype, narrow] of [
    ['float16', toFloat16],
    ['bfloat16', toBFloat16],
  ] as const) {
    const file = Buffer.concat(formatSafetensors({ a: { value, shape: [4], dtype } }));
    expect(parseSafetensors(file, 'file', { types: 'all', half: 'raw' }).a.value).toEqual(narrow(value));
    const wide = dtype === 'float16' ? value : Float32Array.of(1, -2.5, 65536, Number.POSITIVE_INFINITY);
    expect(parseSafetensors(file)).toEqual({ a: { value: wide, shape: [4] } });
  }
  const npy = Buffer.concat(formatNpy({ value, shape: [2, 2], dtype: 'float16' }));
  expect(parseNpy(npy)).toEqual({ value, shape: [2, 2] });
});

test('whole numbers are no part of a state unless asked for', () => {
  const file = Buffer.concat(formatSafetensors({ n: { value: BigInt64Array.of(3n), shape: [] } }));
  expect(() => parseSafetensors(file, 'file')).toThrow(
    `file: "n" holds no floats but I64: with { types: 'all' } it is read as well`,
  );
});

test('a mask is written as 0 and 1, and a type has its array', () => {
  const [, mask] = formatNpy({ value: Uint8Array.of(0, 255), shape: [2], dtype: 'bool' });
  expect([...mask]).toEqual([0, 1]);
  const array = { value: Int32Array.of(1), shape: [1] };
  expect(() => formatNpy({ ...array, dtype: 'bool' })).toThrow('array.value must be a Uint8Array for bool');
  expect(() => formatNpy({ ...array, dtype: 'complex64' })).toThrow('array.dtype must be one of float32, ');
});

test('toInt32 checks each number', () => {
  expect(toInt32(BigInt64Array.of(-(2n ** 31n), 2n ** 31n - 1n))).toEqual(
    Int32Array.of(-(2 ** 31), 2 ** 31 - 1),
  );
  expect(toInt32(BigUint64Array.of(7n))).toEqual(Int32Array.of(7));
  expect(() => toInt32(BigInt64Array.of(0n, 2n ** 31n))).toThrow(
    'x[1] must be from -2^31 to 2^31 - 1, got 2147483648',
  );
  expect(() => toInt32(BigInt64Array.of(2n ** 60n + 1n))).toThrow('got 1152921504606846977');
  expect(() => toInt32(Uint32Array.of(2 ** 31))).toThrow('x[0] must be');
  // @ts-expect-error another array
  expect(() => toInt32(Float32Array.of(1))).toThrow('x must be a BigInt64Array');
});
