import { fileURLToPath } from 'node:url';

/** The path of this file, or of the bundle that it went into. A bundle in CommonJS may leave `import.meta` empty. */
export const here = typeof __filename === 'string' ? __filename : fileURLToPath(import.meta.url);
