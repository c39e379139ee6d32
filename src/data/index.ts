export { type CsvRow, parseCsv } from './csv.js';
export { type Dataset, type Split, selectRows } from './dataset.js';
export { DataError } from './errors.js';
export { findMnist, readMnist } from './mnist.js';
export { datasetFromCsv, readCsv } from './read-csv.js';
export { type SpiralsOptions, twoSpirals } from './spirals.js';
export { type SplitOptions, splitTrainTest } from './split.js';
export { standardise } from './standardise.js';
