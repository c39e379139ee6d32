import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  DataError,
  formatNpy,
  formatSafetensors,
  parseNpy,
  parseSafetensors,
  readNpy,
  readSafetensors,
  writeNpy,
  writeSafetensors,
} from '../../src/data/index.js';
import * as nn from '../../src/nn/index.js';

const folder = mkdtempSync(join(tmpdir(), 'lockstep-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The preamble that numpy 2.4.6 writes: of version 1 with two bytes of length, of others with four. */
function numpys(descr: string, order: string, shape: string, version = 1): Buffer {
  const start = version === 1 ? 10 : 12;
  const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;
  const header = `${text.padEnd(128 - start - 1)}\n`;
  const length = Buffer.alloc(start - 8);
  length.writeUIntLE(header.length, 0, start - 8);
  return Buffer.concat([
    Buffer.from([0x93, ...Buffer.from('NUMPY'), version, 0]),
    length,
    Buffer.from(header),
  ]);
}

describe.each([
  ['writeNpy', (path: string) => writeNpy(path, { value: Float32Array.of(1, 2), shape: [2] })],
  ['writeSafetensors', (path: string) => writeSafetensors(path, {})],
])('%s', (name, write) => {
  it('leaves no temporary file, neither where it wrote the file nor where it could not', async () => {
    const own = mkdtempSync(join(folder, name));
    const path = join(own, 'x');
    await Promise.all([write(path), write(path), write(path)]);
    expect(readdirSync(own)).toEqual(['x']);
    // Everything is written, but cannot take the place of a folder.
    const taken = join(own, 'folder');
    mkdirSync(taken);
    await expect(write(taken)).rejects.toThrow(/folder/);
    expect(readdirSync(own).sort()).toEqual(['folder', 'x']);
    rmSync(own, { recursive: true });
  });
});

const base64 = (text: string) => Buffer.from(text, 'base64');
const spaces = 'ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg';

// numpy.lib.format.write_array of numpy.array([[1.5, -2, 3], [4, 5, -0.0]], '<f4').
const FROM_NUMPY = base64(
  `k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9${spaces}ICAgICAgIAoAAMA/AAAAwAAAQEAAAIBAAACgQAAAAIA=`,
);

describe('npy', () => {
  it('is read and written as NumPy does, byte for byte', () => {
    expect(numpys('<f4', 'False', '(2, 3)')).toEqual(FROM_NUMPY.subarray(0, 128));
    const array = { value: Float32Array.of(1.5, -2, 3, 4, 5, -0), shape: [2, 3] };
    expect(parseNpy(FROM_NUMPY, 'a')).toEqual(array);
    expect(Buffer.concat(formatNpy(array))).toEqual(FROM_NUMPY);
  });

  it.each([
    ['version 2', numpys('<f8', 'False', '(2,)', 2), Float64Array.of(0.1, 1e300), [2]],
    ['version 3 and no dimension', numpys('<i4', 'False', '()', 3), Int32Array.of(-7), []],
    ['no element', numpys('<f4', 'False', '(0, 3)'), new Float32Array(0), [0, 3]],
    ['a Fortran order that is no other', numpys('<f4', 'True', '(3, 1)'), Float32Array.of(1, 2, 3), [3, 1]],
  ])('reads %s', (_, header, value, shape) => {
    const file = Buffer.concat([header, Buffer.from(value.buffer)]);
    expect(parseNpy(file, 'a')).toEqual({ value, shape });
    // Also where the bytes are not aligned in memory.
    expect(parseNpy(Buffer.concat([Buffer.alloc(1), file]).subarray(1), 'a')).toEqual({ value, shape });
  });

  it.each([
    [Buffer.from('PK\x03\x04 and more'), /expected a .npy file/],
    [numpys('<f4', 'False', '(2,)', 4), /expected version 1, 2 or 3/],
    [numpys('<f4', 'False', '(2,)').subarray(0, 60), /ends within its header/],
    [numpys('>f4', 'False', '(0,)'), /got >f4: save array.astype\('<f4'\)/],
    [numpys('<c8', 'False', '(0,)'), /got <c8/],
    [numpys('<f4', 'True', '(2, 2)'), /in Fortran order: save numpy.ascontiguousarray/],
    [numpys('<f4', 'False', '(2,)'), /expected 8 bytes of elements for shape \[2\], got 0/],
    [numpys('<f4', 'Maybe', '(2,)'), /the header cannot be read/],
  ])('refuses %#', (bytes, message) => {
    expect(() => parseNpy(bytes, 'a.npy')).toThrow(DataError);
    expect(() => parseNpy(bytes, 'a.npy')).toThrow(message);
  });

  it('goes to a file and back, as any shape', async () => {
    const path = join(folder, 'a.npy');
    const floats = fc.float32Array({ maxLength: 40 });
    const run = fc.asyncProperty(floats, fc.boolean(), async (value, column) => {
      const shape = column ? [value.length, 1] : [value.length];
      await writeNpy(path, { value, shape });
      expect(await readNpy(path)).toEqual({ value, shape });
    });
    await fc.assert(run, { numRuns: 20 });
    await expect(readNpy(join(folder, 'none.npy'))).rejects.toThrow(/none.npy: ENOENT/);
    const wrong = { value: new Float32Array(3), shape: [2] };
    await expect(writeNpy(path, wrong)).rejects.toThrow(/array.shape must hold 3 elements, got \[2\]/);
    await expect(Reflect.apply(writeNpy, undefined, [path, { value: [1], shape: [1] }])).rejects.toThrow(
      /array.value must be a typed array of numbers/,
    );
    expect(readdirSync(folder)).toEqual(['a.npy']);
  });
});

function file(header: unknown, bytes = 0): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(bytes)]);
}

const f32 = (from: number, to: number, shape = [(to - from) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [from, to],
});

describe('safetensors', () => {
  it('is what the format says, byte for byte', () => {
    const tensors = {
      a: { value: Float32Array.of(1), shape: [] },
      b: { value: Float64Array.of(2), shape: [1, 1] },
    };
    const header =
      '{"b":{"dtype":"F64","shape":[1,1],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    const expected = Buffer.concat([
      file(padded),
      Buffer.from(Float64Array.of(2).buffer),
      Buffer.from(Float32Array.of(1).buffer),
    ]);
    expect(Buffer.concat(formatSafetensors(tensors))).toEqual(expected);
    expect(parseSafetensors(expected, 'a')).toEqual(tensors);
    const withMetadata = file({ __metadata__: { format: 'pt' }, x: f32(0, 8, [2]) }, 8);
    expect(parseSafetensors(withMetadata, 'a')).toEqual({ x: { value: new Float32Array(2), shape: [2] } });
  });

  it('saves and loads a model', async () => {
    const path = join(folder, 'model.safetensors');
    const model = new nn.Sequential(
      new nn.Linear(3, 4),
      new nn.BatchNorm1d(4),
      new nn.Linear(4, 2, { dtype: 'float64' }),
    );
    const other = new nn.Sequential(
      new nn.Linear(3, 4),
      new nn.BatchNorm1d(4),
      new nn.Linear(4, 2, { dtype: 'float64' }),
    );
    writeFileSync(path, 'what was there before');
    await writeSafetensors(path, model.stateDict());
    const state = await readSafetensors(path);
    other.loadStateDict(state);
    expect(other.stateDict()).toEqual(model.stateDict());
    const bytes = readFileSync(path);
    await expect(writeSafetensors(join(folder, 'none', 'x'), model.stateDict())).rejects.toThrow(/ENOENT/);
    await expect(
      Reflect.apply(writeSafetensors, undefined, [path, { w: { value: [1], shape: [1] } }]),
    ).rejects.toThrow(/tensors\["w"\].value must be a typed array of numbers/);
    expect(readFileSync(path)).toEqual(bytes);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it.each([
    [Buffer.alloc(7), /too short/],
    [Buffer.alloc(16, 255), /its header would have \d+ bytes/],
    [file('{"a":'), /not JSON/],
    [file([]), /not a JSON object/],
    [file({ a: 1 }), /"a": is no description/],
    [file({ a: { ...f32(0, 4), dtype: 'F8_E4M3' } }, 4), /expected dtype F32, F64, .* got "F8_E4M3"/],
    [file({ a: { ...f32(0, 4), shape: [-1] } }, 4), /shape must be an array of lengths/],
    [file({ a: { ...f32(0, 4), data_offsets: [0] } }, 4), /data_offsets must be two positions/],
    [file({ a: f32(0, 4, [2]) }, 4), /shape \[2\] of F32 does not fill its 4 bytes/],
    [file({ a: f32(0, 4), b: f32(0, 4) }, 4), /"b" must start at byte 4, got 0/],
    [file({ a: f32(4, 8) }, 8), /"a" must start at byte 0, got 4/],
    [file({ a: f32(0, 8, [2]) }, 4), /the tensors have 8 bytes, the file has 4/],
    [file({ a: f32(0, 4) }, 8), /the tensors have 4 bytes, the file has 8/],
  ])('refuses %#', (bytes, message) => {
    expect(() => parseSafetensors(bytes, 'a')).toThrow(DataError);
    expect(() => parseSafetensors(bytes, 'a')).toThrow(message);
  });

  it('has a header of a hundred million bytes at most, as the format has it', () => {
    const headerOf = (length: number) => {
      const bytes = Buffer.alloc(8 + length, ' ');
      bytes.writeBigUInt64LE(BigInt(length));
      bytes.write('{}', 8);
      return bytes;
    };
    expect(parseSafetensors(headerOf(100_000_000), 'a')).toEqual({});
    expect(() => parseSafetensors(headerOf(100_000_001), 'a')).toThrow(
      /its header would have 100000001 bytes/,
    );
    const short = headerOf(100).subarray(0, 107);
    expect(() => parseSafetensors(short, 'a')).toThrow(/its header would have 100 bytes/);
  });

  it('survives any change of a byte: a result or a DataError', () => {
    const whole = Buffer.concat(formatSafetensors({ a: { value: new Float32Array(4), shape: [2, 2] } }));
    const run = fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
      const changed = Buffer.from(whole);
      changed[at] = byte;
      try {
        parseSafetensors(changed, 'a');
      } catch (error) {
        expect(error).toBeInstanceOf(DataError);
      }
    });
    fc.assert(run, { numRuns: 2000 });
  });
});
