import type { Nn } from '../lockstep.js';
import { clearGradients } from '../work/gradients.js';
import { numbers } from '../work/work.js';

export type Shape = readonly [rows: number, columns: number];

/** How large the inputs are, and how tables say it. */
export interface Size {
  readonly shape: Shape;
  readonly text: string;
}

/** How to make what rows compute with, by name; {@link pythonInputs} makes the same. Those in `leaves` require gradients. */
export function inputs(
  nn: Nn,
  [rows, columns]: Shape,
  leaves: readonly string[],
): Readonly<Record<string, () => unknown>> {
  const size = rows * columns;
  // In the library's own memory, as PyTorch's are in its own: a tensor of a typed array lies where the user put it.
  const tensor = (name: string, values: Float32Array, shape = [rows, columns]) => {
    const own = nn.zeros(shape, { requiresGrad: leaves.includes(name) });
    own.value.set(values);
    return own;
  };
  const integers = (length: number, below: number) =>
    Int32Array.from(numbers(length, 5), (value) => Math.floor(((value + 3) / 6) * below));
  const matrix = (name: string, seed: number) => () => tensor(name, numbers(size, seed));
  return {
    nn: () => nn,
    clearGradients: () => clearGradients,
    rows: () => rows,
    columns: () => columns,
    // In [-3, 3).
    x: matrix('x', 1),
    y: matrix('y', 2),
    z: matrix('z', 3),
    line: () => tensor('line', numbers(size, 4), [size]),
    // In (0, 1).
    p: () =>
      tensor(
        'p',
        numbers(size, 5).map((value) => 0.5 + 0.163 * value),
      ),
    // 1 or -1.
    s: () =>
      tensor(
        's',
        numbers(size, 6).map((value) => (value < 0 ? -1 : 1)),
      ),
    mask: () => nn.gt(nn.tensor(numbers(size, 1), [rows, columns]), 0),
    // A column for each element; a column for each row; a row for each row.
    places: () => integers(size, columns),
    labels: () => integers(rows, columns),
    k: () => integers(rows, rows),
  };
}

export function pythonInputs([rows, columns]: Shape): string {
  const matrix = `torch.rand(${rows}, ${columns})`;
  return `rows, columns = ${rows}, ${columns}
x, y, z = (6 * ${matrix} - 3 for _ in range(3))
line = 6 * torch.rand(${rows * columns}) - 3
p = 0.978 * ${matrix} + 0.011
s = torch.where(${matrix} < 0.5, torch.tensor(-1.0), torch.tensor(1.0))
mask = torch.gt(6 * ${matrix} - 3, 0)
places = torch.randint(0, columns, (rows, columns))
labels = torch.randint(0, columns, (rows,))
k = torch.randint(0, rows, (rows,))`;
}
