import type { Size } from './inputs.js';
import type { Row, Sides, Step } from './row.js';

/** What only moves elements: results of as many as x [rows, columns] has, rows and columns being even. */
const copies: Readonly<Record<string, Step>> = {
  'cat along the first axis': {
    setup: halves('[rows / 2, columns]', 'rows // 2, columns'),
    ours: 'nn.cat([a, b])',
    torch: 'torch.cat([a, b])',
  },
  'cat along the last axis': {
    setup: halves('[rows, columns / 2]', 'rows, columns // 2'),
    ours: 'nn.cat([a, b], 1)',
    torch: 'torch.cat([a, b], 1)',
  },
  'stack along a new last axis but one': {
    setup: halves('[rows, columns / 2]', 'rows, columns // 2'),
    ours: 'nn.stack([a, b], 1)',
    torch: 'torch.stack([a, b], 1)',
  },
  'slice of the first axis': {
    setup: larger('[rows + 64, columns]', 'rows + 64, columns'),
    ours: 'nn.slice(a, 0, 32, rows + 32)',
    torch: 'a[32:rows + 32].clone()',
  },
  'slice of the last axis': {
    setup: larger('[rows, columns + 64]', 'rows, columns + 64'),
    ours: 'nn.slice(a, 1, 32, columns + 32)',
    torch: 'a[:, 32:columns + 32].contiguous()',
  },
  'pad with a constant': {
    setup: larger('[rows - 4, columns - 4]', 'rows - 4, columns - 4'),
    ours: 'nn.pad(a, [2, 2, 2, 2])',
    torch: 'functional.pad(a, [2, 2, 2, 2])',
  },
  'permute [1, 0]': { ours: 'nn.permute(x, { axes: [1, 0] })', torch: 'x.permute(1, 0).contiguous()' },
  'permute [0, 2, 1]': {
    setup: {
      ours: 'const a = x.reshape([4, rows / 4, columns])',
      torch: 'a = x.reshape(4, rows // 4, columns)',
    },
    ours: 'nn.permute(a, { axes: [0, 2, 1] })',
    torch: 'a.permute(0, 2, 1).contiguous()',
  },
  'flip of the first axis': { ours: 'nn.flip(x, 0)', torch: 'torch.flip(x, [0])' },
  'flip of the last axis': { ours: 'nn.flip(x, 1)', torch: 'torch.flip(x, [1])' },
  'roll of the last axis': { ours: 'nn.roll(x, 5, 1)', torch: 'torch.roll(x, 5, 1)' },
  'roll of all elements': { ours: 'nn.roll(x, 1000)', torch: 'torch.roll(x, 1000)' },
  'tile [2, 2]': {
    setup: larger('[rows / 2, columns / 2]', 'rows // 2, columns // 2'),
    ours: 'nn.tile(a, [2, 2])',
    torch: 'torch.tile(a, (2, 2))',
  },
  'expand of rows, copied': {
    setup: larger('[1, columns]', '1, columns'),
    ours: 'nn.expand(a, [rows, columns])',
    torch: 'a.expand(rows, columns).clone(memory_format=torch.contiguous_format)',
  },
  'expand of columns, copied': {
    setup: larger('[rows, 1]', 'rows, 1'),
    ours: 'nn.expand(a, [rows, columns])',
    torch: 'a.expand(rows, columns).clone(memory_format=torch.contiguous_format)',
  },
};

function larger(ours: string, torch: string): Sides {
  return { ours: `const a = nn.rand(${ours})`, torch: `a = torch.rand(${torch})` };
}

function halves(ours: string, torch: string): Sides {
  return {
    ours: `const [a, b] = [nn.rand(${ours}), nn.rand(${ours})]`,
    torch: `a, b = torch.rand(${torch}), torch.rand(${torch})`,
  };
}

/** Copies of as much as the inputs have, against `set` of a typed array. */
export function copyRows({ shape, text }: Size): Row[] {
  return Object.entries(copies).map(([name, step]): Row => {
    return {
      name: `${name} ${text}`,
      shape,
      step,
      demand: { copied: shape[0] * shape[1] },
      targets: { pytorch: 1, limit: 0.8 },
    };
  });
}
