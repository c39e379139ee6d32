import { useBackend } from './register.js';

export { useBackend } from './register.js';

useBackend();
