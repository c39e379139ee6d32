export { type CsvRow, parseCsv } from './csv.js';
export { CsvFile, openCsv } from './csv-file.js';
export { type Dataset, firstRows, type Split, selectRows } from './dataset.js';
export { DataError } from './errors.js';
export { openIdx } from './idx.js';
export { findMnist, readMnist } from './mnist.js';
export { formatNpy, openNpy, parseNpy, readNpy, writeNpy } from './npy.js';
export { datasetFromCsv, readCsv } from './read-csv.js';
export { RowFile } from './row-file.js';
export {
  formatSafetensors,
  type NamedArrays,
  openSafetensors,
  parseSafetensors,
  type ReadSafetensorsOptions,
  readSafetensors,
  writeSafetensors,
} from './safetensors.js';
export {
  BatchSampler,
  type BatchSamplerOptions,
  DistributedSampler,
  type DistributedSamplerOptions,
  RandomSampler,
  type RandomSamplerOptions,
  type Sampler,
  SequentialSampler,
  WeightedRandomSampler,
  type WeightedRandomSamplerOptions,
} from './samplers.js';
export { type TwoSpiralsOptions, twoSpirals } from './spirals.js';
export { type SplitTrainTestOptions, splitTrainTest } from './split.js';
export { standardise } from './standardise.js';
export {
  type ArrayOfShape,
  type Numbers,
  type ReadNpyOptions,
  type StoredElements,
  toInt32,
} from './tensors.js';
export {
  type Image,
  type NormalizeOptions,
  normalize,
  type Pixels,
  type RandomCropOptions,
  type RandomHorizontalFlipOptions,
  randomCrop,
  randomHorizontalFlip,
} from './transforms.js';
