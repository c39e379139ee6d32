import { type KernelCase, read, write } from './case.js';

// One query and one key; blocks of queries and of keys and parts of them; more queries than keys, and more keys; heads side
// by side; enough of them for several threads.
const sizes: readonly (readonly [
  batch: number,
  heads: number,
  size: number,
  queries: number,
  keys: number,
])[] = [
  [1, 1, 1, 1, 1],
  [2, 3, 5, 7, 9],
  [1, 2, 17, 33, 4],
  [3, 1, 8, 70, 70],
  [1, 1, 300, 5, 6],
  [2, 2, 9, 40, 300],
  [1, 3, 16, 600, 600],
];

/** Attention over all positions and those before, with all weights and with some of them, without a mask and with each. */
export const attentions = sizes.flatMap(([batch, heads, size, queries, keys], i): KernelCase[] =>
  [0, 1].flatMap((causal): KernelCase[] => {
    const probability = (i + causal) % 2 === 0 ? 0 : 0.25;
    const masked = (2 * i + causal) % 5;
    const options = [
      7,
      5,
      probability,
      causal,
      masked,
      batch,
      heads,
      size,
      queries,
      keys,
      0.75 / Math.sqrt(size),
    ];
    const [rows, others, sums] = [
      batch * queries * heads * size,
      batch * keys * heads * size,
      batch * heads * queries,
    ];
    const masks = [0, queries * keys, batch * keys, batch * queries * keys, sums * keys];
    // Small, as scores are.
    const mask = read(masks[masked], (generator) => generator.uniform() - 0.5);
    const inputs = [read(rows), read(others), read(others), mask];
    const agreement = { bound: 8, relativeTo: 'largest' } as const;
    return [
      {
        kernel: 'attentionForward',
        args: [...options, ...inputs, write(rows), write(sums)],
        ...agreement,
      },
      {
        kernel: 'attentionBackward',
        args: [
          ...options,
          ...inputs,
          read(rows),
          // As large as they are: the weights of a query are some 1 / keys.
          read(sums, (generator) => Math.log(keys) + generator.uniform()),
          read(rows),
          write(rows),
          write(others),
          write(others),
        ],
        ...agreement,
      },
    ];
  }),
);
