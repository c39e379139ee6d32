import { DataError } from '../../data/index.js';

// The part of ZIP that torch.save writes: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, files that are stored as they
// are, sections 4.3.7, 4.3.12 and 4.3.16.

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const [END_LENGTH, ENTRY_LENGTH, LOCAL_LENGTH] = [22, 46, 30];
/** What stands for a size that needs more than 32 bits. */
const BEYOND = 0xffffffff;

/** The files in an archive, as views of its bytes. @throws DataError where it is damaged, or compressed. */
export function filesIn(bytes: Uint8Array, name: string): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const failure = (problem: string) =>
    new DataError(`${name}: expected a file of torch.save, but ${problem}`);
  const isAt = (at: number, length: number, signature: number) =>
    at >= 0 && at + length <= bytes.length && view.getUint32(at, true) === signature;
  let end = bytes.length - END_LENGTH;
  // Behind it may be a comment, of 64 KB at most.
  while (end > bytes.length - END_LENGTH - 0x10000 && end > 0 && !isAt(end, END_LENGTH, END)) end--;
  if (!isAt(end, END_LENGTH, END)) throw failure('it is no ZIP archive');
  const files = new Map<string, Uint8Array>();
  let at = view.getUint32(end + 16, true);
  for (let count = view.getUint16(end + 10, true); count > 0; count--) {
    if (!isAt(at, ENTRY_LENGTH, ENTRY)) throw failure('its list of files is damaged');
    const [method, size] = [view.getUint16(at + 10, true), view.getUint32(at + 24, true)];
    const [nameLength, local] = [view.getUint16(at + 28, true), view.getUint32(at + 42, true)];
    const path = new TextDecoder().decode(bytes.subarray(at + ENTRY_LENGTH, at + ENTRY_LENGTH + nameLength));
    if (method !== 0 || size !== view.getUint32(at + 20, true)) throw failure(`${path} in it is compressed`);
    if (size === BEYOND || local === BEYOND) throw failure('it is larger than 4 GB');
    if (!isAt(local, LOCAL_LENGTH, LOCAL)) throw failure(`${path} in it is damaged`);
    const start = local + LOCAL_LENGTH + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    if (start + size > bytes.length) throw failure(`${path} in it is cut off`);
    files.set(path, bytes.subarray(start, start + size));
    at += ENTRY_LENGTH + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return files;
}
