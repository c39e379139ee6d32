import { workArea } from '../work/area.js';
import { numbers, type Work } from '../work/work.js';

/** A cache's size, and many times all of them. */
const sizes = { '2^20': 2 ** 20, '2^24': 2 ** 24 };

/** Functions of each element, and how PyTorch calls them with memory for the result or without. */
const functions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  exp: { out: 'torch.exp(x, out=y)' },
  tanh: { out: 'torch.tanh(x, out=y)' },
  sigmoid: { out: 'torch.sigmoid(x, out=y)' },
  gelu: { call: 'functional.gelu(x)', out: 'torch._C._nn.gelu(x, out=y)' },
};

export const elementwise = workArea({
  summary: 'functions of each element, Gelement/s, float32',
  work: workOver(sizes),
  quickWork: workOver({ '2^10': 2 ** 10 }),
  notes: ['limit: a loop that reads and writes as much, in the same caches or in memory.'],
});

function workOver(lengths: Readonly<Record<string, number>>): Work[] {
  return Object.entries(lengths).flatMap(([text, length]) =>
    Object.entries(functions).map(([name, steps]): Work => {
      return {
        name: `${name} ${text}`,
        elements: length,
        prepare({ lockstep }) {
          const run: unknown = Reflect.get(lockstep, name);
          if (typeof run !== 'function') return null;
          const [x, out] = [numbers(length), new Float32Array(length)];
          const options = { out };
          return { step: () => run(x, options) };
        },
        pytorch: {
          setup: `x = 6 * torch.rand(${length}) - 3\ny = torch.empty_like(x)`,
          ways: Object.fromEntries(Object.entries(steps).map(([way, step]) => [way, { step }])),
        },
        demand: { elements: length, reads: 1, writes: 1 },
        // In a cache as fast as PyTorch, or else nearly as fast as memory.
        targets: length > 2 ** 20 ? { limit: 0.9 } : { pytorch: 1 },
      };
    }),
  );
}
