export { type CsvRow, parseCsv } from './csv.js';
export { type Dataset, firstRows, type Split, selectRows } from './dataset.js';
export { DataError } from './errors.js';
export { findMnist, readMnist } from './mnist.js';
export { formatNpy, parseNpy, readNpy, writeNpy } from './npy.js';
export { datasetFromCsv, readCsv } from './read-csv.js';
export {
  formatSafetensors,
  type NamedArrays,
  parseSafetensors,
  type ReadSafetensorsOptions,
  readSafetensors,
  writeSafetensors,
} from './safetensors.js';
export { type TwoSpiralsOptions, twoSpirals } from './spirals.js';
export { type SplitTrainTestOptions, splitTrainTest } from './split.js';
export { standardise } from './standardise.js';
export { type ArrayOfShape, type ReadNpyOptions, type StoredElements, toInt32 } from './tensors.js';
