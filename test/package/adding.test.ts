// What ARCHITECTURE.md says that an optimizer, a kernel or an operation takes is what those in the tree took: their names are
// looked for in all of the code.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

interface Mention {
  /** The file, the number of the line, and the line. */
  readonly place: string;
  readonly file: string;
  /** The line with `foo` for the name. */
  readonly line: string;
}

/** The mentions of a name outside comments, whatever its capitals and hyphens. */
function mentionsOf(name: string, files: readonly string[]): Mention[] {
  const word = new RegExp(`(?<![\\w-])${hyphenated(name).replaceAll('-', '-?')}(?![\\w-])`, 'gi');
  return files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((text, index) => {
        const code = text.trim().replace(/(\/\/|\/\*|^\*).*/, '');
        const line = code.replaceAll(word, 'foo').trim();
        return line === code.trim() ? [] : [{ file, line, place: `${file}:${index + 1}: ${text.trim()}` }];
      }),
  );
}

const hyphenated = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(h|cc|inc|def|ts)$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name));
}

/** A line of a list: a macro, an import or an export of a file, a row of a table, a function that is one of many. */
const LINES = [
  /^\w+\(foo(, \w+)?\)$/,
  /^(#include|export .* from) ["'][\w./-]*\bfoo\.(h|js)["'];?$/,
  /^(readonly )?foo: .*[,;]$/,
  /^export const foo = of\('foo'\);$/,
];

/** What a mention outside the files of the name may be: in a list, in a table or an interface; or what others have too. */
const KINDS = {
  line: new RegExp(LINES.map(({ source }) => source).join('|')),
  struct: /^struct foo .*\{$|^using foo = .*;$/,
  type: /^(export )?(type foo(<.*>)? = .*|interface foo .*\{)$/,
};

/** What adding a thing took, each by the file that it is in, and whatever is none of these. */
function partsOf(name: string, mentions: readonly Mention[]) {
  const isOwn = ({ file }: Mention) => basename(file, extname(file)) === hyphenated(name);
  const others = mentions.filter((mention) => !isOwn(mention));
  const filesOf = (kind: RegExp) => others.filter(({ line }) => kind.test(line)).map(({ file }) => file);
  const parts: Record<string, readonly string[]> = {
    file: [...new Set(mentions.filter(isOwn).map(({ file }) => file))],
    ...Object.fromEntries(Object.entries(KINDS).map(([kind, pattern]) => [kind, filesOf(pattern)])),
  };
  const isKnown = ({ line }: Mention) => Object.values(KINDS).some((pattern) => pattern.test(line));
  return { parts, elsewhere: others.filter((mention) => !isKnown(mention)).map(({ place }) => place) };
}

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven'];

/** How many of each kind a section's first sentence counts, and where its numbered steps have them. */
function section(title: string) {
  const architecture = readFileSync('ARCHITECTURE.md', 'utf8');
  const text = new RegExp(`^## ${title}\n\n(.*?)^## `, 'ms').exec(architecture)?.[1] ?? '';
  const [sentence] = text.split(';');
  const counted = (kind: string) => {
    const word = new RegExp(`(\\w+) ${kind}s?\\b`).exec(sentence)?.[1] ?? 'no';
    return NUMBERS.indexOf(word.toLowerCase());
  };
  const [steps] = /^1\. .*?\n\n/ms.exec(text) ?? [''];
  return {
    counts: Object.fromEntries(['file', ...Object.keys(KINDS)].map((kind) => [kind, counted(kind)])),
    paths: [...steps.matchAll(/`((?:native|src)\/[\w/*.-]+)`/g)].map(([, path]) => path),
  };
}

const matches = (path: string, pattern: string) =>
  new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[\\w-]*')}$`).test(path);

const native = filesIn('native');
const source = filesIn('src');
const isBelow = (file: string, ...folder: string[]) => file.startsWith(join('src', ...folder, '/'));

const operations = source.filter((file) => isBelow(file, 'nn') && !isBelow(file, 'nn', 'layers'));

const ADDED = [
  // The commands use the library as anybody does, and so do the backend of TensorFlow.js and what goes to other libraries.
  {
    title: 'Adding an optimizer',
    names: ['adagrad'],
    code: [
      ...native,
      ...source.filter((file) => !['cli', 'tfjs', 'interop', 'checkpoint'].some((one) => isBelow(file, one))),
    ],
  },
  // So do the functions on arrays and tensors use the kernels; another kernel may have no such function, or several.
  {
    title: 'Adding a kernel',
    names: ['permute', 'crossEntropy'],
    code: [...native, ...source.filter((file) => isBelow(file, 'backend'))],
  },
  // And so do layers use the functions.
  { title: 'Adding an operation', names: ['ctc', 'einsum'], code: operations },
  { title: 'Adding a function of one number', names: ['expm1', 'asinh'], code: operations },
];

describe.each(ADDED)('"$title"', ({ title, names, code }) => {
  const { counts, paths } = section(title);

  test.each(names)('says what %s took', (name) => {
    const { parts, elsewhere } = partsOf(name, mentionsOf(name, code));
    expect(elsewhere).toEqual([]);
    expect(Object.fromEntries(Object.entries(parts).map(([kind, { length }]) => [kind, length]))).toEqual(
      counts,
    );

    const patterns = paths.map((path) => path.replace('foo', hyphenated(name)));
    const found = Object.values(parts).flat();
    expect(found.filter((path) => !patterns.some((pattern) => matches(path, pattern)))).toEqual([]);
    expect(patterns.filter((pattern) => !found.some((path) => matches(path, pattern)))).toEqual([]);
  });
});
