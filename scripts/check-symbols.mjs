// Holds the object files of the targets to Note [One definition, several instruction sets] and Note [No contraction]
// in native/targets/table.h, and the rest of the addon to the instructions that every processor has.
// An argument names another folder of object files than node-gyp's.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root, run } from './shell.mjs';

const folder = process.argv[2] ?? join(root, 'build', 'Release', 'obj.target');

const TABLES = {
  scalar: 'kScalarKernels',
  avx2: 'kAvx2Kernels',
  avx512: 'kAvx512Kernels',
  neon: 'kNeonKernels',
};
// The compiler may turn a loop into one of these; the C library's fma serves the target that has no instruction for it.
const LIBRARY = ['memcpy', 'memset', 'memmove', '_GLOBAL_OFFSET_TABLE_'];
const SCALAR_LIBRARY = [...LIBRARY, 'fma', 'fmaf'];

// Every rule is one function for each element type.
const rules = readFileSync(join(root, 'native', 'kernels.def'), 'utf8').match(/^LOCKSTEP_RULE\(/gm).length;
const FUSED = /^(vf?n?m(add|sub)\d|fn?m(add|sub)$|fml[as]\b)/;
/** Of vectors of double. */
const FUSED_DOUBLE = /^(vfmadd\d+pd|fmla\.2d)$/;

function read(command, ...args) {
  const { ok, output } = run(command, args);
  if (!ok) throw new Error(`${command} ${args.join(' ')}: ${output}`);
  return output.split('\n');
}

/** [{ type, name }] as nm lists them. */
function symbolsOf(object) {
  return read('nm', '-C', object)
    .map((line) => /^\S*\s*(\S)\s(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, type, name]) => ({ type, name }));
}

/** The names and the instructions of the functions in an object file: [{ name, mnemonics }]. */
function functionsOf(object) {
  const functions = [];
  for (const line of read('objdump', '-dC', '--no-show-raw-insn', object)) {
    const start = /^[0-9a-f]+ <(.*)>:$/.exec(line);
    if (start !== null) functions.push({ name: start[1], mnemonics: new Set() });
    const instruction =
      /^\s+[0-9a-f]+:\t(?:(?:data16|lock|rep\S*|bnd|notrack) )*(\S+)(?:\s+v\d+(\.2d))?/.exec(line);
    if (instruction !== null) functions.at(-1)?.mnemonics.add(instruction[1] + (instruction[2] ?? ''));
  }
  return functions;
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
    if (/[wvWVu]/.test(type))
      yield `holds the weak symbol ${name}, which the linker may take for another target`;
    if (type === 'U' && !(target === 'scalar' ? SCALAR_LIBRARY : LIBRARY).includes(name)) {
      yield `calls ${name} from outside`;
    }
  }
  if (read('objdump', '-h', object).some((line) => /\.(init_array|ctors)/.test(line))) {
    yield 'has a constructor that runs at load, before the CPU is checked';
  }
  const functions = functionsOf(object);
  yield* faultsOfRules(functions);
  if (target === 'scalar') yield* faultsOfBaseline(functions);
}

/** Rules round after every operation: `each` must hold no fused multiply-add but for sums in double of products of floats, which are exact. */
function* faultsOfRules(functions) {
  const loops = functions.filter(({ name }) => /\beach</.test(name));
  if (loops.length < 2 * rules) yield `has ${loops.length} loops of ${rules} rules in two element types`;
  for (const { name, mnemonics } of loops) {
    const isOfFloats = /, float>\(/.test(name);
    const fused = [...mnemonics].find(
      (mnemonic) => FUSED.test(mnemonic) && !(isOfFloats && FUSED_DOUBLE.test(mnemonic)),
    );
    if (fused !== undefined)
      yield `fuses a multiplication and an addition (${fused}) in ${name.slice(0, 80)}`;
  }
}

/** The instructions of AVX and all that came after it begin with v. */
function* faultsOfBaseline(functions) {
  for (const { name, mnemonics } of functions) {
    const later = [...mnemonics].find((mnemonic) => /^v(?!er[rw])/.test(mnemonic));
    if (later !== undefined) yield `runs on every processor, but has ${later} in ${name.slice(0, 80)}`;
  }
}

function objectsIn(library) {
  return readdirSync(library, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.o'))
    .map((path) => join(library, path));
}

function check() {
  if (!existsSync(folder)) {
    console.log(`check-symbols: there is no ${relative(root, folder)}, so there is nothing to check.`);
    return;
  }
  let objects = 0;
  const faults = [];
  for (const library of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    for (const object of objectsIn(join(folder, library.name))) {
      objects++;
      const found = Object.hasOwn(TABLES, library.name)
        ? faultsOfTarget(library.name, object)
        : faultsOfBaseline(functionsOf(object));
      for (const fault of found) faults.push(`${relative(root, object)} ${fault}`);
    }
  }
  for (const fault of faults) console.error(fault);
  console.log(`check-symbols: ${objects} object files, ${faults.length} faults`);
  if (faults.length > 0 || objects === 0) process.exitCode = 1;
}

check();
