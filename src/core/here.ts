import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// A bundle in CommonJS may leave `import.meta` empty; in `node -e` a global `__filename` says '[eval]'.

/** The path of this file, or of the bundle that it went into. */
export const here =
  typeof __filename === 'string' && isAbsolute(__filename) ? __filename : fileURLToPath(import.meta.url);

/**
 * The folder of the package, by where the build leaves this file: in `src/core`, or in a chunk of `dist/chunks`. Null where
 * someone else bundled it.
 */
export const packageFolder = /[\\/](src[\\/]core[\\/]here\.[jt]s|dist[\\/]chunks[\\/]\w+\.js)$/.test(here)
  ? join(here, '..', '..', '..')
  : null;
