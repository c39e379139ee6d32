// Holds the object files of the targets to Note [One definition, several instruction sets] in
// native/targets/kernels.inc, and the rest of the addon to the instructions that every processor has.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const objects = join(root, 'build', 'Release', 'obj.target');

const TABLES = {
  scalar: 'kScalarKernels',
  avx2: 'kAvx2Kernels',
  avx512: 'kAvx512Kernels',
  neon: 'kNeonKernels',
};
// The compiler may turn a loop into one of these; the C library's fma serves the target that has no instruction for it.
const LIBRARY = ['memcpy', 'memset', 'memmove', '_GLOBAL_OFFSET_TABLE_'];
const SCALAR_LIBRARY = [...LIBRARY, 'fma', 'fmaf'];

function run(command, ...args) {
  return execFileSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 30 });
}

/** [{ type, name }] as nm lists them. */
function symbolsOf(object) {
  return run('nm', '-C', object)
    .split('\n')
    .map((line) => /^\S*\s*(\S)\s(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, type, name]) => ({ type, name }));
}

function* faultsOfTarget(target, object) {
  const symbols = symbolsOf(object);
  const exported = symbols
    .filter(({ type }) => /[A-TV-Z]/.test(type) || type === 'u')
    .map(({ name }) => name);
  if (exported.join() !== `lockstep::${TABLES[target]}`) {
    yield `must export lockstep::${TABLES[target]} alone, exports ${exported.join(', ') || 'nothing'}`;
  }
  for (const { type, name } of symbols) {
    if ('wvWV'.includes(type))
      yield `holds the weak symbol ${name}, which the linker may take for another target`;
    if (type === 'U' && !(target === 'scalar' ? SCALAR_LIBRARY : LIBRARY).includes(name)) {
      yield `calls ${name} from outside`;
    }
    if (name.includes('_GLOBAL__sub_I_'))
      yield 'has a constructor that runs at load, before the CPU is checked';
  }
  if (/\.(init_array|ctors)/.test(run('objdump', '-h', object))) yield 'has an initialiser that runs at load';
  yield* faultsOfRules(object);
}

/** Rules round after every operation: `each` must hold no fused multiply-add. */
function* faultsOfRules(object) {
  let inRule = '';
  for (const line of run('objdump', '-dC', '--no-show-raw-insn', object).split('\n')) {
    const start = /^[0-9a-f]+ <(.*)>:$/.exec(line);
    if (start !== null) inRule = /\beach</.test(start[1]) ? start[1] : '';
    if (inRule !== '' && /\t(vf?n?m(add|sub)\d|fn?m(add|sub)|fml[as])/.test(line)) {
      yield `fuses a multiplication and an addition in ${inRule.slice(0, 80)}`;
      return;
    }
  }
}

function* faultsOfBaseline(object) {
  if (/%[yz]mm\d/.test(run('objdump', '-d', '--no-show-raw-insn', object))) {
    yield 'holds AVX instructions, and runs before the CPU is checked';
  }
}

function objectsIn(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.o'))
    .map((path) => join(folder, path));
}

if (!existsSync(objects)) {
  console.log('check-symbols: nothing was built with node-gyp here, so there is nothing to check.');
  process.exit(0);
}
let checked = 0;
let faults = 0;
for (const library of readdirSync(objects, { withFileTypes: true })) {
  if (!library.isDirectory()) continue;
  const target = Object.hasOwn(TABLES, library.name) ? library.name : null;
  for (const object of objectsIn(join(objects, library.name))) {
    checked++;
    for (const fault of target === null ? faultsOfBaseline(object) : faultsOfTarget(target, object)) {
      faults++;
      console.error(`${relative(root, object)} ${fault}`);
    }
  }
}
console.log(`check-symbols: ${checked} object files, ${faults} faults`);
process.exit(faults === 0 && checked > 0 ? 0 : 1);
