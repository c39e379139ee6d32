import { expect, it } from 'vitest';
import { convert } from '../../bench/onnx/convert.js';
import { peerEnvironment } from '../../bench/peers/environment.js';
import { checkSameOutput } from '../../bench/peers/onnx.js';
import { BATCHES, LABELS, networks, sizesOf, takeTurns } from '../../bench/training/networks.js';
import { encode, float } from '../../src/core/protobuf.js';
import * as nn from '../../src/nn/index.js';

it('a peer has as many threads as it is to have, and takes the processor for what it is', () => {
  const base = {
    PATH: '/bin',
    OPENBLAS_CORETYPE: 'Haswell',
    OMP_NUM_THREADS: '8',
    ATEN_CPU_CAPABILITY: 'avx2',
  };
  const environment = peerEnvironment(2, { OPENBLAS_NUM_THREADS: '1', OMP_WAIT_POLICY: 'passive' }, base);
  expect(environment).toEqual({
    PATH: '/bin',
    OMP_NUM_THREADS: '2',
    OPENBLAS_NUM_THREADS: '1',
    BLIS_NUM_THREADS: '2',
    MKL_NUM_THREADS: '2',
    OMP_WAIT_POLICY: 'passive',
  });
});

it('each batch of inputs meets each batch of labels', () => {
  const examples = takeTurns(networks.mlp(sizesOf(true)), nn);
  const pairs = Array.from({ length: BATCHES * LABELS }, (_, step) => {
    const { x, y } = examples(step);
    return `${x.value.join()} ${y.join()}`;
  });
  expect(new Set(pairs).size).toBe(BATCHES * LABELS);
});

it('Protocol Buffers: the examples of their documentation, and of what ONNX has beside', () => {
  expect([...encode([[1, 150]])]).toEqual([0x08, 0x96, 0x01]);
  expect([...encode([[2, 'testing']])]).toEqual([0x12, 7, ...new TextEncoder().encode('testing')]);
  expect([...encode([[3, [[1, 150]]]])]).toEqual([0x1a, 3, 0x08, 0x96, 0x01]);
  expect([...encode([[3, -1]])]).toEqual([0x18, ...Array(9).fill(0xff), 0x01]);
  expect([...float(2, 1)]).toEqual([0x15, 0, 0, 0x80, 0x3f]);
});

it('every network has an ONNX file with all of its weights', () => {
  for (const network of Object.values(networks).map((make) => make(sizesOf(true)))) {
    const model = network.model(nn);
    const bytes = convert(nn, model, network.examples(nn, 1).x);
    const weights = model.parameters().reduce((sum, { size }) => sum + size, 0);
    expect(bytes.length).toBeGreaterThan(4 * weights);
  }
});

it('who computes another output does not take part', () => {
  expect(() => checkSameOutput([1, 2.0001], [1, 2])).not.toThrow();
  expect(() => checkSameOutput([1, 2.001], [1, 2])).toThrow('number 1 is 2.001, not 2');
  expect(() => checkSameOutput([1, NaN], [1, 2])).toThrow('number 1 is NaN');
  expect(() => checkSameOutput([1], [1, 2])).toThrow('1 numbers, not 2');
});
