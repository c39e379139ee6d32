import type { Demand } from '../limits.js';
import { backwardWays } from '../work/gradients.js';
import type { Library, Prepared, Work } from '../work/work.js';
import { inputs, pythonInputs, type Shape } from './inputs.js';

/** The same in two languages, over the same inputs. */
export interface Sides {
  /** JavaScript: knows `nn` besides. */
  readonly ours: string;
  /** Python: knows `torch` and `functional` besides. */
  readonly torch: string;
}

/** What is computed again and again. */
export interface Step extends Sides {
  /** Statements that run once. */
  readonly setup?: Sides;
}

/** One function of tensors, or its gradients. */
export interface Row {
  readonly name: string;
  /** Of the inputs. */
  readonly shape: Shape;
  /** An expression; where there are leaves, of one number. */
  readonly step: Step;
  /** By whose names, on both sides, a step computes gradients; without, it is the forward pass alone. */
  readonly leaves?: readonly string[];
  /** How many elements a step goes over. Default: those of the shape. */
  readonly elements?: number;
  readonly demand?: Demand;
  readonly targets: Work['targets'];
}

/**
 * A row as a piece of work. In a forward pass nothing requires a gradient: PyTorch records nothing then, and is spared the
 * context in which ours gives memory back.
 */
export function workOf(row: Row): Work {
  const { name, shape, step, leaves = [], demand, targets } = row;
  const isForward = leaves.length === 0;
  const marks = leaves.map((leaf) => `${leaf}.requires_grad_()`);
  return {
    name,
    elements: row.elements ?? shape[0] * shape[1],
    ...(demand && { demand }),
    targets,
    prepare: (library) => prepare(library, row),
    pytorch: {
      setup: [pythonInputs(shape), step.setup?.torch ?? '', ...marks].join('\n'),
      ways: isForward ? { call: { step: step.torch } } : backwardWays(leaves, step.torch),
    },
  };
}

/** Null where `nn` lacks what the row names. */
function prepare({ nn }: Library, { shape, step, leaves = [] }: Row): Prepared | null {
  const statement =
    leaves.length === 0
      ? `nn.noGrad(() => void (${step.ours}))`
      : `clearGradients(${leaves.join(', ')}); (${step.ours}).backward()`;
  // A block: what the setup declares may have the name of an input.
  const text = `{ ${step.setup?.ours ?? ''}; return { step() { ${statement} } } }`;
  const words = new Set(text.match(/\b(?:nn\.)?\w+/g));
  const names = Array.from(words, (word) => /^nn\.(\w+)$/.exec(word)?.[1]);
  if (names.some((name) => name !== undefined && !Reflect.has(nn, name))) return null;
  const known = Object.entries(inputs(nn, shape, leaves)).filter(
    ([name]) => name === 'nn' || words.has(name),
  );
  return new Function(...known.map(([name]) => name), text)(...known.map(([, make]) => make()));
}
