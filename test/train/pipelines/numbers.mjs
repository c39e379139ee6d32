// Pipelines for loaders with threads of their own. Sample i is i, and what its transform draws.

const sampleOf = (i) => ({ x: Float32Array.of(i), y: i });

export default ({ length = 20 } = {}) => ({ data: { length, get: sampleOf } });

export const augmented = {
  data: { length: 20, get: async (i) => i },
  transform: (i, random) => ({ x: Float64Array.of(i, random.uniform()), y: Int32Array.of(i, -i) }),
};

/** Sequences of other lengths, padded to the longest of a step. */
export const padded = {
  data: { length: 7, get: (i) => ({ x: new Float32Array(1 + i).fill(i), y: i }) },
  collate(samples) {
    const length = Math.max(...samples.map(({ x }) => x.length));
    const value = new Float32Array(samples.length * length);
    for (const [row, { x }] of samples.entries()) value.set(x, row * length);
    return { x: { value, shape: [samples.length, length] }, y: Int32Array.from(samples, ({ y }) => y) };
  },
};

export const stream = ({ length = 20 } = {}) => ({
  async *data(epoch) {
    for (let i = 0; i < length; i++) yield sampleOf(100 * epoch + i);
  },
});

export const failing = {
  data: {
    length: 20,
    get(i) {
      if (i === 13) throw new RangeError('sample 13 is broken');
      return sampleOf(i);
    },
  },
};

export const exiting = { data: { length: 20, get: () => process.exit(3) } };
