// The rows of a data set that comes as an argument.
export default ({ features, labels }) => ({
  data: {
    length: labels.length,
    get: (row) => ({ x: features.subarray(2 * row, 2 * row + 2), y: labels[row] }),
  },
});
