// Objects whose getters call the addon again, detach arrays that were read before, and change lists that are being
// read. The call may do its work or refuse, but on memory that is there.
import { addon, parameter, step } from './adam.mjs';

const scalars = Float64Array.of(1e-3, 0.1, 0.999, 1e-3, 1e-8, 0, 1, 0, 1, Infinity);
const outcomes = new Set();

function attempt(batches) {
  try {
    addon.kernels.step(batches);
    outcomes.add('done');
  } catch (error) {
    outcomes.add(error.constructor.name);
  }
}

function withGetter(list, index, getter) {
  return Object.defineProperty([...list], index, { get: getter, enumerable: true });
}

for (let round = 0; round < 30; round++) {
  const length = 100_000;
  const many = Array.from({ length: 50 }, (_, seed) => parameter(1000, seed)).flat();
  const operands = parameter(length, round);

  attempt([
    {
      rule: 'adam',
      scalars,
      operands: withGetter(operands, 3, () => {
        structuredClone(operands[0].buffer, { transfer: [operands[0].buffer] });
        return operands[3];
      }),
    },
  ]);

  const nested = parameter(length, round);
  attempt([
    {
      rule: 'adam',
      scalars,
      operands: withGetter(nested, 2, () => {
        step(many);
        addon.setThreads(1 + (round % 4));
        return nested[2];
      }),
    },
    { rule: 'adam', scalars, operands: parameter(length, round) },
  ]);

  let reads = 0;
  attempt([
    {
      rule: 'adam',
      scalars,
      get operands() {
        return reads++ === 0 ? parameter(10, round) : many;
      },
    },
  ]);

  attempt([
    {
      rule: 'adam',
      scalars,
      // Nobody else holds the array that the getter makes.
      operands: withGetter(parameter(length, round), 1, () => new Float32Array(length)),
    },
  ]);

  attempt(
    withGetter([{ rule: 'adam', scalars, operands }], 0, () => {
      throw new SyntaxError('from a getter');
    }),
  );
}
console.log([...outcomes].sort().join(' '));
