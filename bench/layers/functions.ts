import type { Size } from './inputs.js';
import type { Row, Sides, Step } from './row.js';

/** Functions of each element, by what they are given. */
const elementwise: Readonly<Record<string, string>> = {
  x: `abs neg square reciprocal exp expm1 exp2 tanh sigmoid relu erf sin cos tan floor ceil round sign trunc frac atan sinh cosh asinh
    isNaN isFinite isInf logicalNot`,
  p: 'sqrt rsqrt log log1p log2 log10 asin acos atanh',
  'x, y': `add sub mul div maximum minimum fmod remainder atan2 eq ne lt le gt ge logicalAnd logicalOr logicalXor`,
  'p, y': 'pow',
};

/** PyTorch's name: `logical_and`, but `isnan`. */
function torchName(name: string): string {
  return name.startsWith('is')
    ? name.toLowerCase()
    : name.replace(/[A-Z]/g, (one) => `_${one.toLowerCase()}`);
}

const elementwiseSteps = Object.entries(elementwise).flatMap(([given, names]) =>
  names.split(/\s+/).map((name): [string, Step] => {
    return [name, { ours: `nn.${name}(${given})`, torch: `torch.${torchName(name)}(${given})` }];
  }),
);

/** The values alone, of sizes where a step is not only a call. */
const forward: Readonly<Record<string, Step>> = {
  ...Object.fromEntries(elementwiseSteps),
  acosh: {
    setup: { ours: 'const a = nn.add(p, nn.full([], 1))', torch: 'a = p + 1' },
    ours: 'nn.acosh(a)',
    torch: 'torch.acosh(a)',
  },
  clamp: { ours: 'nn.clamp(x, { min: -1, max: 1 })', torch: 'torch.clamp(x, -1, 1)' },
  'add a row': {
    setup: { ours: 'const a = nn.rand([columns])', torch: 'a = torch.rand(columns)' },
    ours: 'nn.add(x, a)',
    torch: 'x + a',
  },
  'add a column': {
    setup: { ours: 'const a = nn.rand([rows, 1])', torch: 'a = torch.rand(rows, 1)' },
    ours: 'nn.add(x, a)',
    torch: 'x + a',
  },
  where: { ours: 'nn.where(mask, x, y)', torch: 'torch.where(mask, x, y)' },
  maskedFill: { ours: 'nn.maskedFill(x, mask, 0.5)', torch: 'x.masked_fill(mask, 0.5)' },
  tril: { ours: 'nn.tril(x)', torch: 'torch.tril(x)' },
  triu: { ours: 'nn.triu(x)', torch: 'torch.triu(x)' },

  'gather along the last axis': { ours: 'nn.gather(x, 1, places)', torch: 'torch.gather(x, 1, places)' },
  'indexSelect of rows': { ours: 'nn.indexSelect(x, 0, k)', torch: 'torch.index_select(x, 0, k)' },
  'indexSelect of columns': {
    ours: 'nn.indexSelect(x, 1, labels)',
    torch: 'torch.index_select(x, 1, labels)',
  },
  'indexAdd of rows': { ours: 'nn.indexAdd(x, 0, k, y)', torch: 'torch.index_add(x, 0, k, y)' },
  oneHot: {
    ours: 'nn.oneHot(labels, columns)',
    torch: 'functional.one_hot(labels, columns)',
  },

  'cumsum along the last axis': { ours: 'nn.cumsum(x, 1)', torch: 'torch.cumsum(x, 1)' },
  'cumsum along the first axis': { ours: 'nn.cumsum(x, 0)', torch: 'torch.cumsum(x, 0)' },
  'cumprod along the last axis': { ours: 'nn.cumprod(p, 1)', torch: 'torch.cumprod(p, 1)' },
  'sort of rows': { ours: 'nn.sort(x)', torch: 'torch.sort(x)' },
  'sort of columns': { ours: 'nn.sort(x, { axis: 0 })', torch: 'torch.sort(x, 0)' },
  'sort of one line': { ours: 'nn.sort(line)', torch: 'torch.sort(line)' },
  'sort of one line, stable': { ours: 'nn.sort(line)', torch: 'torch.sort(line, stable=True)' },
  'sort of rows, the largest first': {
    ours: 'nn.sort(x, { descending: true })',
    torch: 'torch.sort(x, descending=True)',
  },
  'topk 5 of rows': { ours: 'nn.topk(x, 5)', torch: 'torch.topk(x, 5)' },
  'topk 50 of one line': { ours: 'nn.topk(line, 50)', torch: 'torch.topk(line, 50)' },

  'sum of all': { ours: 'nn.sum(x)', torch: 'torch.sum(x)' },
  'mean of all': { ours: 'nn.mean(x)', torch: 'torch.mean(x)' },
  ...alongAxes('sum'),
  ...alongAxes('mean'),
  ...alongAxes('amax'),
  ...alongAxes('prod'),
  ...alongAxes('var'),
  ...alongAxes('std'),
  ...alongAxes('logSumExp', 'logsumexp'),
  'norm of all': { ours: 'nn.norm(x)', torch: 'torch.linalg.vector_norm(x)' },
  'softmax of rows': { ours: 'nn.softmax(x, 1)', torch: 'torch.softmax(x, 1)' },
  'logSoftmax of rows': { ours: 'nn.logSoftmax(x, 1)', torch: 'torch.log_softmax(x, 1)' },

  matmul: { ours: 'x.matmul(y)', torch: 'torch.matmul(x, y)' },
  "einsum 'bij,bjk->bik'": {
    setup: batches('nn.rand([16, rows / 4, rows / 4])', 'torch.rand(16, rows // 4, rows // 4)'),
    ours: "nn.einsum('bij,bjk->bik', a, b)",
    torch: "torch.einsum('bij,bjk->bik', a, b)",
  },
  bmm: {
    setup: batches('nn.rand([16, rows / 4, rows / 4])', 'torch.rand(16, rows // 4, rows // 4)'),
    ours: 'nn.bmm(a, b)',
    torch: 'torch.bmm(a, b)',
  },
  outer: {
    setup: batches('nn.rand([rows])', 'torch.rand(rows)'),
    ours: 'nn.outer(a, b)',
    torch: 'torch.outer(a, b)',
  },
  dot: {
    setup: batches('nn.rand([rows * columns])', 'torch.rand(rows * columns)'),
    ours: 'nn.dot(a, b)',
    torch: 'torch.dot(a, b)',
  },
  mv: { setup: batches('nn.rand([rows])', 'torch.rand(rows)'), ours: 'nn.mv(x, a)', torch: 'torch.mv(x, a)' },
};

function alongAxes(name: string, theirs = name): Record<string, Step> {
  const along = (axis: number) => ({
    ours: `nn.${name}(x, { axes: ${axis} })`,
    torch: `torch.${theirs}(x, ${axis})`,
  });
  return { [`${name} of rows`]: along(1), [`${name} of columns`]: along(0) };
}

function batches(ours: string, torch: string): Sides {
  return { ours: `const [a, b] = [${ours}, ${ours}]`, torch: `a, b = ${torch}, ${torch}` };
}

/** The gradient by x of the sum of y times these. */
const gradients: Readonly<Record<string, Sides>> = {
  mul: { ours: 'nn.mul(x, z)', torch: 'x * z' },
  where: { ours: 'nn.where(mask, x, z)', torch: 'torch.where(mask, x, z)' },
  maskedFill: { ours: 'nn.maskedFill(x, mask, 0.5)', torch: 'x.masked_fill(mask, 0.5)' },
  tril: { ours: 'nn.tril(x)', torch: 'torch.tril(x)' },
  flip: { ours: 'nn.flip(x, 1)', torch: 'torch.flip(x, [1])' },
  'permute [1, 0]': { ours: 'nn.permute(x, { axes: [1, 0] })', torch: 'x.permute(1, 0)' },
  'gather along the last axis': { ours: 'nn.gather(x, 1, places)', torch: 'torch.gather(x, 1, places)' },
  'indexSelect of rows': { ours: 'nn.indexSelect(x, 0, k)', torch: 'torch.index_select(x, 0, k)' },
  'indexAdd of rows': { ours: 'nn.indexAdd(z, 0, k, x)', torch: 'torch.index_add(z, 0, k, x)' },
  cumsum: { ours: 'nn.cumsum(x, 1)', torch: 'torch.cumsum(x, 1)' },
  cumprod: { ours: 'nn.cumprod(x, 1)', torch: 'torch.cumprod(x, 1)' },
  sort: { ours: 'nn.sort(x).values', torch: 'torch.sort(x).values' },
  'sum of rows': { ours: 'nn.sum(x, { axes: 1, keepDim: true })', torch: 'torch.sum(x, 1, keepdim=True)' },
  'amax of rows': { ours: 'nn.amax(x, { axes: 1, keepDim: true })', torch: 'torch.amax(x, 1, keepdim=True)' },
  'std of rows': { ours: 'nn.std(x, { axes: 1, keepDim: true })', torch: 'torch.std(x, 1, keepdim=True)' },
  'logSumExp of rows': {
    ours: 'nn.logSumExp(x, { axes: 1, keepDim: true })',
    torch: 'torch.logsumexp(x, 1, keepdim=True)',
  },
  matmul: { ours: 'x.matmul(z)', torch: 'torch.matmul(x, z)' },
};

export function functionRows({ shape, text }: Size): Row[] {
  const common = { shape, targets: { pytorch: 1 } };
  return [
    ...Object.entries(forward).map(([name, step]): Row => {
      return { ...common, name: `${name} ${text}`, step };
    }),
    ...Object.entries(gradients).map(([name, { ours, torch }]): Row => {
      const step = { ours: `nn.mul(${ours}, y).sum()`, torch: `(${torch} * y).sum()` };
      return { ...common, name: `${name}, gradient ${text}`, step, leaves: ['x'] };
    }),
  ];
}
