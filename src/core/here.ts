import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';

// A bundle in CommonJS may leave `import.meta` empty; in `node -e` a global `__filename` says '[eval]'.

/** The path of this file, or of the bundle that it went into. */
export const here =
  typeof __filename === 'string' && isAbsolute(__filename) ? __filename : fileURLToPath(import.meta.url);
