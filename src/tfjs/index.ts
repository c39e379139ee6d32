import { registerFileSystem } from './file-system.js';
import { useBackend } from './register.js';

export { fileSystem } from './file-system.js';
export { useBackend } from './register.js';

useBackend();
registerFileSystem();
