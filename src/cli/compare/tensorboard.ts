import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encode, float, joined } from '../../core/protobuf.js';
import type { Configuration, Study, StudyRun } from './study.js';

/** A file that TensorBoard reads, as a path below the folder that it is given. */
export interface EventFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A number at a step. */
export interface Scalar {
  readonly step: number;
  readonly tag: string;
  readonly value: number;
}

/** Writes the runs of a study below a folder: `configuration/seed-0/events.out.tfevents...`. @throws the system's errors. */
export function writeEventFiles(folder: string, study: Study): void {
  for (const { path, bytes } of eventFiles(study)) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  }
}

/** One file for each run. The same study gives the same bytes: all events are of the study's date. */
export function eventFiles(study: Study): EventFile[] {
  const seconds = Math.floor(Date.parse(study.date) / 1000);
  const folders = foldersOf(study.configurations);
  return study.runs.flatMap((run) => {
    const folder = folders.get(run.configuration);
    if (folder === undefined) return [];
    const path = `${folder}/seed-${run.seed}/events.out.tfevents.${seconds}.lockstep`;
    return [{ path, bytes: eventFile(scalarsOf(run, study.metric), seconds) }];
  });
}

/** A name for each configuration that any file system takes; those that would be one get numbers. */
function foldersOf(configurations: readonly Configuration[]): Map<string, string> {
  const taken = new Set<string>();
  return new Map(
    configurations.map(({ id }) => {
      const plain =
        id
          .replace(/[^A-Za-z0-9=_.-]+/g, '_')
          .replace(/^\.+/, '_')
          .slice(0, 100) || '_';
      let name = plain;
      // Some file systems take no notice of case.
      for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${plain}_${n}`;
      taken.add(name.toLowerCase());
      return [id, name] as const;
    }),
  );
}

function scalarsOf(run: StudyRun, metric: string): Scalar[] {
  const perStep = run.lossSteps.flatMap((step, index) => [
    { step, tag: 'batch/loss', value: run.losses[index] },
    { step, tag: 'batch/learning rate', value: run.learningRates[index] },
  ]);
  const evaluated = run.evaluations.flatMap(({ step, trainLoss, trainMetric, testLoss, testMetric }) => [
    { step, tag: 'loss/train', value: trainLoss },
    { step, tag: 'loss/test', value: testLoss },
    { step, tag: `${metric}/train`, value: trainMetric },
    { step, tag: `${metric}/test`, value: testMetric },
  ]);
  return [...perStep, ...evaluated].sort((a, b) => a.step - b.step);
}

/** The bytes of a file: the version of the format, and an event for each scalar. */
export function eventFile(scalars: readonly Scalar[], seconds: number): Uint8Array {
  const version = joined([double(1, seconds), encode([[3, 'brain.Event:2']])]);
  const events = scalars.map(({ step, tag, value }) => {
    const scalar = joined([encode([[1, tag]]), float(2, value)]);
    const at = step === 0 ? new Uint8Array(0) : encode([[2, step]]);
    return joined([double(1, seconds), at, encode([[5, encode([[1, scalar]])]])]);
  });
  return joined([version, ...events].map(record));
}

function double(number: number, value: number): Uint8Array {
  const bytes = new Uint8Array(9);
  bytes[0] = 8 * number + 1;
  new DataView(bytes.buffer).setFloat64(1, value, true);
  return bytes;
}

/** A TFRecord: the length, its checksum, the data, its checksum. */
function record(data: Uint8Array): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(data.length), true);
  return joined([length, masked(length), data, masked(data)]);
}

/** Castagnoli's, as iSCSI (RFC 3720) has it, the lowest bit first. */
const POLYNOMIAL = 0x82f63b78;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? POLYNOMIAL : 0);
  return rest;
});

export function crc32c(bytes: Uint8Array): number {
  let rest = 0xffffffff;
  for (const byte of bytes) rest = table[(rest ^ byte) & 0xff] ^ (rest >>> 8);
  return ~rest >>> 0;
}

/** A checksum of data that has checksums in it is turned and moved, so that it is none of itself. */
function masked(bytes: Uint8Array): Uint8Array {
  const sum = crc32c(bytes);
  const result = new Uint8Array(4);
  new DataView(result.buffer).setUint32(0, ((sum >>> 15) | (sum << 17)) + 0xa282ead8, true);
  return result;
}
