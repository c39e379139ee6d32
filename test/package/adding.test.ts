// What ARCHITECTURE.md says that an optimizer or a kernel takes is what those in the tree took: their names are looked for in
// all of the code.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

interface Mention {
  readonly file: string;
  readonly number: number;
  readonly line: string;
}

/** The mentions of a name outside comments, whatever its capitals and hyphens. */
function mentionsOf(name: string, files: readonly string[]): Mention[] {
  const word = new RegExp(`(?<![\\w-])${hyphenated(name).replaceAll('-', '-?')}(?![\\w-])`, 'i');
  return files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .map((line, index) => ({ file, number: index + 1, line: line.trim() }))
      .filter(({ line }) => word.test(line.replace(/(\/\/|\/\*|^\*).*/, ''))),
  );
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(h|cc|inc|def|ts)$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name));
}

const hyphenated = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** What adding a thing took: files of its own, lines in lists, structs among others, and whatever is neither. */
function partsOf(name: string, mentions: readonly Mention[]) {
  const own = hyphenated(name);
  const isOwn = ({ file }: Mention) => basename(file, extname(file)) === own;
  const isListed = ({ line }: Mention) =>
    /^\w+\(\w+(, \w+)?\)$/.test(line) ||
    (/^(#include "|export .* from '\.\/)/.test(line) && line.includes(own));
  const isStruct = ({ line }: Mention) => /^(struct \w+ .*\{|using \w+ = .*;)$/.test(line);
  const others = mentions.filter((mention) => !isOwn(mention));
  const files = (list: readonly Mention[]) => list.map(({ file }) => file).sort();
  return {
    files: [...new Set(files(mentions.filter(isOwn)))],
    lines: files(others.filter(isListed)),
    structs: files(others.filter(isStruct)),
    elsewhere: others
      .filter((mention) => !isListed(mention) && !isStruct(mention))
      .map(({ file, number, line }) => `${file}:${number}: ${line}`),
  };
}

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven'];

/** What a section says in its first sentence, and where in its numbered steps. */
function section(title: string) {
  const [, text] =
    new RegExp(`^## ${title}\n\n(.*?)^## `, 'ms').exec(readFileSync('ARCHITECTURE.md', 'utf8')) ?? [];
  const sentence = (text ?? '').split(';')[0];
  const counted = (noun: string) =>
    Math.max(0, NUMBERS.indexOf(new RegExp(`(\\w+) ${noun}s?\\b`).exec(sentence)?.[1].toLowerCase() ?? 'no'));
  const steps = /^1\. .*?\n\n/ms.exec(text ?? '')?.[0] ?? '';
  return {
    counts: { files: counted('file'), lines: counted('line'), structs: counted('struct') },
    paths: [...steps.matchAll(/`((?:native|src)\/[\w/*.-]+)`/g)].map(([, path]) => path),
  };
}

const matches = (path: string, pattern: string) =>
  new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[\\w-]*')}$`).test(path);

const native = filesIn('native');
const source = filesIn('src');
const isBelow = (file: string, ...folder: string[]) => file.startsWith(join('src', ...folder, '/'));

const ADDED = [
  // The commands use the library as anybody does.
  {
    title: 'Adding an optimizer',
    names: ['adagrad'],
    code: [...native, ...source.filter((file) => !isBelow(file, 'cli'))],
  },
  // So do the functions on arrays and tensors use the kernels; another kernel may have no such function, or several.
  {
    title: 'Adding a kernel',
    names: ['permute', 'crossEntropy'],
    code: [...native, ...source.filter((file) => isBelow(file, 'backend'))],
  },
];

describe.each(ADDED)('"$title"', ({ title, names, code }) => {
  const { counts, paths } = section(title);

  test.each(names)('says what %s took', (name) => {
    const { elsewhere, ...parts } = partsOf(name, mentionsOf(name, code));
    const { files, lines, structs } = parts;
    expect(elsewhere).toEqual([]);
    expect({ files: files.length, lines: lines.length, structs: structs.length }).toEqual(counts);

    const patterns = paths.map((path) => path.replace('foo', hyphenated(name)));
    const found = [...files, ...lines, ...structs];
    expect(found.filter((path) => !patterns.some((pattern) => matches(path, pattern)))).toEqual([]);
    expect(patterns.filter((pattern) => !found.some((path) => matches(path, pattern)))).toEqual([]);
  });
});
