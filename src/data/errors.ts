/** The data cannot be used as they are: the message says which file, row and column, and what was expected. */
export class DataError extends Error {
  override readonly name = 'DataError';
}
