import { createHash } from 'node:crypto';
import type { Parameter } from '../../array/parameter.js';

/** The first 16 hexadecimal digits of the SHA-256 over the bytes of all parameters, in order. */
export function weightsHash(parameters: readonly Parameter[]): string {
  const hash = createHash('sha256');
  for (const { value } of parameters) {
    hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }
  return hash.digest('hex').slice(0, 16);
}
