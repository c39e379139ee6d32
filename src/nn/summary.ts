import { showShape } from '../core/shapes.js';
import * as format from '../text/format.js';
import { type Column, renderTable } from '../text/table.js';
import { noGrad } from './engine/no-grad.js';
import { Tensor } from './engine/tensor.js';

/** What a summary asks of a module. */
interface Module {
  readonly training: boolean;
  namedModules(): [name: string, module: Module][];
  parameters(): Tensor[];
  buffers(): Tensor[];
  train(mode: boolean): unknown;
  eval(): unknown;
  forward(...inputs: readonly unknown[]): unknown;
  registerForwardHook(hook: (module: Module, inputs: readonly unknown[], output: unknown) => void): {
    remove(): void;
  };
}

interface Row {
  readonly name: string;
  readonly kind: string;
  readonly output: string;
  readonly parameters: string;
}

const columns: readonly Column<Row>[] = [
  { title: 'layer', align: 'left', text: ({ name }) => name },
  { title: 'kind', align: 'left', text: ({ kind }) => kind },
  { title: 'output', align: 'left', text: ({ output }) => output },
  { title: 'parameters', align: 'right', text: ({ parameters }) => parameters },
];

/** The modules inside of `model` with their own tensors as a table. See `Module.summary`. */
export function summaryOf(model: Module, input: Tensor | undefined): string {
  const shapes = input === undefined ? new Map<Module, string>() : outputShapes(model, input);
  const modules = model.namedModules();
  const seen = new Set<Tensor>();
  const totals = { trained: 0, other: 0 };
  const rows = modules.map(([path, module]): Row => {
    const own = { trained: 0, other: 0 };
    for (const tensor of tensorsIn(module)) {
      if (seen.has(tensor)) continue;
      seen.add(tensor);
      own[tensor.requiresGrad ? 'trained' : 'other'] += tensor.size;
    }
    totals.trained += own.trained;
    totals.other += own.other;
    return {
      name: path === '' ? '(model)' : path,
      kind: module.constructor.name,
      output: shapes.get(module) ?? format.NOTHING,
      parameters: own.trained === 0 ? format.NOTHING : format.count(own.trained),
    };
  });
  const other = totals.other === 0 ? '' : `, ${format.count(totals.other)} numbers that are not trained`;
  return `${renderTable(columns, rows)}${format.count(totals.trained)} parameters${other}\n`;
}

/** The tensors that are properties of the module itself. */
function tensorsIn(module: Module): Tensor[] {
  const known = new Set([...module.parameters(), ...module.buffers()]);
  return Object.values(module).filter(
    (value): value is Tensor => value instanceof Tensor && known.has(value),
  );
}

/** What every module puts out for this input, in evaluation mode; of one that is called more than once, the last. */
function outputShapes(model: Module, input: Tensor): Map<Module, string> {
  const shapes = new Map<Module, string>();
  const modules = model.namedModules().map(([, module]) => ({ module, training: module.training }));
  const hooks = modules.map(({ module }) =>
    module.registerForwardHook((_, __, output) => {
      const shape = shapeOf(output);
      if (shape !== null) shapes.set(module, shape);
    }),
  );
  try {
    model.eval();
    noGrad(() => {
      model.forward(input);
    });
  } finally {
    for (const hook of hooks) hook.remove();
    for (const { module, training } of modules) module.train(training);
  }
  return shapes;
}

/** Of a module that gives several tensors, that of its `output`. */
function shapeOf(output: unknown): string | null {
  if (output instanceof Tensor) return showShape(output.shape);
  if (typeof output !== 'object' || output === null || !('output' in output)) return null;
  return shapeOf(output.output);
}
