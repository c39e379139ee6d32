/** A message of Protocol Buffers: numbers of fields, and what they hold. A number is an integer, an array of fields a message. */
export type Field = readonly [number: number, value: number | string | Uint8Array | readonly Field[]];

const encoder = new TextEncoder();

/** The bytes of a message: https://protobuf.dev/programming-guides/encoding/. */
export function encode(fields: readonly Field[]): Uint8Array {
  return joined(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number') return [varint(8 * number), varint(value)];
      const bytes = bytesOf(value);
      return [varint(8 * number + 2), varint(bytes.length), bytes];
    }),
  );
}

/** Field `number` of 32 bits. */
export function float(number: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return joined([varint(8 * number + 5), bytes]);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function bytesOf(value: string | Uint8Array | readonly Field[]): Uint8Array {
  if (typeof value === 'string') return encoder.encode(value);
  return value instanceof Uint8Array ? value : encode(value);
}

/** Seven bits a byte, the lowest first; negative numbers in two's complement of 64 bits. */
function varint(value: number): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
