// Who looks for the options of a function finds them under its name, as ARCHITECTURE.md says.
import ts from 'typescript';
import { expect, test } from 'vitest';

const entries = [
  'index',
  'schedule/index',
  'nn/index',
  'nn/init',
  'train/index',
  'data/index',
  'checkpoint/index',
  'interop/index',
];

/** What several functions take, or extend, or what is an option itself. */
const SHARED = [
  ...[
    'AverageOptions',
    'AxesOptions',
    'AxisOptions',
    'BinaryOptions',
    'CommonOptions',
    'PoolWindow1dOptions',
    'PoolWindowOptions',
    'TriangleOptions',
    'UnaryOptions',
    'VarianceOptions',
  ],
  ...[
    'BatchNormOptions',
    'Convolution1dOptions',
    'ConvolutionOptions',
    'InitOptions',
    'InstanceNormOptions',
    'KaimingOptions',
    'LossOptions',
    'RecurrentOptions',
    'ReductionOptions',
    'Transposed1dOptions',
    'TransposedOptions',
    'TransformerLayerOptions',
    'TransformerStackOptions',
    'XavierOptions',
  ],
  'CheckpointOptions',
  'EarlyStoppingOptions',
  'PyTorchOptions',
];

const paths = entries.map((entry) => `src/${entry}.ts`);
const program = ts.createProgram(paths, {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  types: ['node'],
});
const checker = program.getTypeChecker();

/** The names that a module exports: all of them, and those of its values. */
function exportsOf(path: string): { all: string[]; values: string[] } {
  const file = program.getSourceFile(path);
  const module = file && checker.getSymbolAtLocation(file);
  if (module === undefined) throw new Error(`${path} exports nothing`);
  const symbols = checker.getExportsOfModule(module);
  const isValue = (symbol: ts.Symbol) =>
    ((symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol).flags &
      ts.SymbolFlags.Value) !==
    0;
  const names = (some: readonly ts.Symbol[]) => some.map(({ name }) => name);
  return { all: names(symbols), values: names(symbols.filter(isValue)) };
}

test.each(paths)('the options types of %s have the names of who takes them', (path) => {
  const { all, values } = exportsOf(path);
  const options = all.filter((name) => name.endsWith('Options') && !SHARED.includes(name));
  const allowed = values.flatMap((name) => {
    const capital = name[0].toUpperCase() + name.slice(1);
    return [`${capital}Options`, `${capital}FunctionOptions`];
  });
  expect(options.filter((name) => !allowed.includes(name))).toEqual([]);
});
