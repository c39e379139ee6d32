// What a step must notice of the arrays it is given: exchanged, shared, taken away in between.
import { describe, expect, test } from 'vitest';
import {
  Adam,
  clipGradNorm,
  type FloatArray,
  RowGradient,
  SGD,
  targets,
  useTarget,
} from '../../src/index.js';
import { ExponentialMovingAverage } from '../../src/train/index.js';

interface Mutable {
  name: string;
  value: FloatArray;
  grad: FloatArray | null;
}

const parameter = (name: string): Mutable => ({
  name,
  value: new Float32Array(8).fill(1),
  grad: new Float32Array(8).fill(0.5),
});

const detach = ({ buffer }: FloatArray) => {
  if (buffer instanceof ArrayBuffer) structuredClone(buffer, { transfer: [buffer] });
};

describe.each([targets()[0] ?? 'typescript', 'typescript'])('on %s', (target) => {
  test.each<[string, (a: Mutable, b: Mutable) => void, RegExp]>([
    [
      "the other's value",
      (a, b) => {
        a.grad = b.value;
      },
      /"a"\.grad must not share .* "b"\.value|"b"\.value .* "a"\.grad/,
    ],
    [
      "the other's gradient",
      (a, b) => {
        a.grad = b.grad;
      },
      /"b"\.grad must not share memory with .*"a"\.grad/,
    ],
    [
      "a part of the other's gradient",
      (a, b) => {
        const memory = new Float32Array(12);
        a.grad = memory.subarray(0, 8);
        b.grad = memory.subarray(4);
      },
      /must not share memory with/,
    ],
    [
      'its own value',
      (a) => {
        a.grad = a.value;
      },
      /"a"\.\w+ must not share memory with .*"a"\.\w+/,
    ],
  ])('a gradient exchanged for %s is refused at the step, and nothing changes', (_, exchange, message) => {
    useTarget(target);
    const [a, b] = [parameter('a'), parameter('b')];
    const optimizer = new Adam([a, b]);
    optimizer.step();
    const before = [a.value.slice(), b.value.slice()];
    exchange(a, b);
    for (let again = 0; again < 2; again++) {
      expect(() => optimizer.step()).toThrow(message);
      expect(() => optimizer.step()).toThrow(RangeError);
    }
    expect([a.value, b.value, optimizer.steps]).toEqual([...before, 1]);
    expect(() => clipGradNorm([a, b], 0.1)).toThrow(RangeError);
    expect(() => new Adam([a, b])).toThrow(RangeError);
    a.grad = new Float32Array(8).fill(0.5);
    b.grad = new Float32Array(8).fill(0.5);
    optimizer.step();
    expect(optimizer.steps).toBe(2);
  });

  test('clipGradNorm does not scale twice what two parameters share', () => {
    useTarget(target);
    const a = parameter('a');
    const gradient = a.grad?.slice();
    expect(() => clipGradNorm([a, a], 0.1)).toThrow(/must not share memory/);
    expect(a.grad).toEqual(gradient);
  });

  test('memory that a learning rate takes away is refused before anything changes', () => {
    useTarget(target);
    const [a, b] = [parameter('a'), parameter('b')];
    let armed = false;
    const lr = () => {
      if (armed && b.grad !== null) detach(b.grad);
      return 0.1;
    };
    const optimizer = new SGD([{ params: [a] }, { params: [b], lr }], { lr: 0.1 });
    optimizer.step();
    const before = [a.value.slice(), b.value.slice()];
    armed = true;
    expect(() => optimizer.step()).toThrow(RangeError);
    expect([a.value, b.value, optimizer.steps]).toEqual([...before, 1]);
  });

  test('memory that a getter of another parameter shrinks is refused', () => {
    useTarget(target);
    const buffer: ArrayBuffer = Reflect.construct(ArrayBuffer, [32, { maxByteLength: 64 }]);
    const a: Mutable = { ...parameter('a'), value: new Float32Array(buffer) };
    let armed = false;
    const gradient = new Float32Array(8);
    const b = {
      name: 'b',
      value: new Float32Array(8),
      get grad() {
        if (armed) Reflect.apply(Reflect.get(buffer, 'resize'), buffer, [8]);
        return gradient;
      },
    };
    const optimizer = new Adam([a, b]);
    armed = true;
    expect(() => optimizer.step()).toThrow(RangeError);
    expect([optimizer.steps, b.value]).toEqual([0, new Float32Array(8)]);
  });

  test('a table that a learning rate takes away is refused before other rows are written', () => {
    useTarget(target);
    const a = parameter('a');
    const table = { name: 't', value: new Float32Array(6), grad: null, rowGrad: new RowGradient(3, 2) };
    table.rowGrad.add(Int32Array.of(1), Float32Array.of(1, 1));
    const lr = () => {
      detach(table.value);
      return 0.1;
    };
    const optimizer = new SGD([{ params: [a] }, { params: [table], lr }], { lr: 0.1 });
    expect(() => optimizer.step()).toThrow(RangeError);
    expect(a.value).toEqual(new Float32Array(8).fill(1));
  });

  test('row numbers that were written to are an error, and forgotten wholly', () => {
    useTarget(target);
    const rowGrad = new RowGradient(4, 2);
    const table = { name: 't', value: new Float32Array(8), grad: null, rowGrad };
    rowGrad.add(Int32Array.of(2, 0), new Float32Array(4).fill(1));
    const optimizer = new SGD([table], { lr: 0.1 });
    rowGrad.rows[0] = 3;
    expect(() => optimizer.step()).toThrow(/"t"\.rowGrad\.rows must not be written to/);
    expect(table.value).toEqual(new Float32Array(8));
    rowGrad.clear();
    rowGrad.add(Int32Array.of(1, 2), new Float32Array(4).fill(1));
    expect([...rowGrad.rows]).toEqual([1, 2]);
    optimizer.step();
    expect([...table.value].map((x) => Math.round(10 * x))).toEqual(
      [-0, -0, -1, -1, -1, -1, -0, -0].map((x) => x + 0),
    );
  });

  test('an average of weights of which one was taken away is put in place wholly or not at all', () => {
    useTarget(target);
    const [a, b] = [parameter('a'), parameter('b')];
    const average = new ExponentialMovingAverage([a, b]);
    a.value.fill(3);
    detach(b.value);
    expect(() => average.update()).toThrow(RangeError);
    expect(() => average.apply()).toThrow(/params\[1\]\.value/);
    expect(a.value).toEqual(new Float32Array(8).fill(3));
    expect([average.applied, average.updates]).toEqual([false, 0]);
  });
});

test('a group that is none is refused by name', () => {
  const optimizer = new SGD([parameter('a')], { lr: 0.1 });
  // @ts-expect-error not a group
  expect(() => optimizer.addParamGroup(null)).toThrow(/^group must be an object, got null/);
  // @ts-expect-error no parameters
  expect(() => optimizer.addParamGroup({})).toThrow(/^group\.params must be an iterable .* got undefined/);
  expect(optimizer.parameters()).toHaveLength(1);
});

test('what a getter of a state says is asked for once', () => {
  const optimizer = new SGD([parameter('a')], { lr: 0.1 });
  let reads = 0;
  const state = Object.defineProperty({ ...optimizer.stateDict() }, 'steps', {
    enumerable: true,
    get: () => (reads++ === 0 ? 3 : -1),
  });
  optimizer.loadStateDict(state);
  expect(optimizer.steps).toBe(3);
});
