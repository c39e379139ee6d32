/** The command line cannot be obeyed: told in one line on stderr, with exit code 2, before anything is done. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
