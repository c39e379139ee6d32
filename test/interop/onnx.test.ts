// What ONNX Runtime makes of a file is what the model gives. Without it only that there is a file: scripts and CI install it by
// `npm install --no-save --ignore-scripts onnxruntime-node`.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encode, float } from '../../src/core/protobuf.js';
import { toOnnx } from '../../src/interop/index.js';
import * as nn from '../../src/nn/index.js';
import type { AnyModule } from '../../src/nn/layers/module.js';
import { image, layers, random, rows, words } from './onnx-layers.js';

interface Result {
  readonly data: ArrayLike<number>;
  readonly dims: readonly number[];
}

interface Runtime {
  readonly Tensor: new (type: string, data: Float32Array | Int32Array, dims: readonly number[]) => object;
  readonly InferenceSession: {
    create(
      bytes: Uint8Array,
      options: object,
    ): Promise<{ run(feeds: Record<string, object>): Promise<Record<string, Result>> }>;
  };
}

const packageName: string = 'onnxruntime-node';
const runtime: Runtime | null = await import(packageName).then(
  (module) => module.default,
  () => null,
);
if (runtime === null) console.warn('onnxruntime-node is not installed: no ONNX file is run');

/** Running statistics and weights that are not those at the start. */
function used<M extends AnyModule>(model: M): M {
  for (const [name, tensor] of [...model.namedParameters(), ...model.namedBuffers()]) {
    const numbers = random(tensor.size).value;
    tensor.value.set(
      name.endsWith('runningVar') ? numbers.map((x) => Math.abs(x) + 0.5) : numbers.map((x) => x / 2),
    );
  }
  return model;
}

/** What a model gives, by the names of outputs. */
function outputsOf(result: unknown): [string, nn.Tensor][] {
  if (result instanceof nn.Tensor) return [['output', result]];
  const entries: [string, unknown][] = Object.keys(Object(result)).map((key) => [
    key,
    Reflect.get(Object(result), key),
  ]);
  return entries.flatMap(([key, one]): [string, nn.Tensor][] =>
    one instanceof nn.Tensor
      ? [[key, one]]
      : outputsOf(one).map(([inner, tensor]) => [`${key}.${inner}`, tensor]),
  );
}

async function expectSame(model: AnyModule, ...inputs: nn.Tensor[]): Promise<void> {
  const bytes = toOnnx(model, inputs.length === 1 ? inputs[0] : inputs);
  expect(bytes.length).toBeGreaterThan(20);
  if (runtime === null) return;
  const session = await runtime.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  // Other numbers than those of the example.
  const fresh = inputs.map((x) => (x.dtype === 'int32' ? words(...x.shape) : random(...x.shape)));
  const feeds = fresh.map(({ data, shape, dtype }, i) => [
    inputs.length === 1 ? 'input' : `input${i}`,
    new (runtime as Runtime).Tensor(
      dtype,
      dtype === 'int32' ? Int32Array.from(data) : Float32Array.from(data),
      shape,
    ),
  ]);
  const results = await session.run(Object.fromEntries(feeds));
  const isTraining = model.training;
  const expected = outputsOf(Reflect.apply(model.eval().forward, model, fresh));
  model.train(isTraining);
  expect(Object.keys(results)).toEqual(expected.map(([name]) => name));
  for (const [name, { shape, value }] of expected) {
    const { dims, data } = results[name];
    expect(dims, name).toEqual(shape);
    const worst = Math.max(...Array.from(value, (x, i) => Math.abs(x - data[i]) / Math.max(1, Math.abs(x))));
    expect(worst, name).toBeLessThan(1e-5);
  }
}

/** Functions between layers. */
class Own extends nn.Module {
  readonly words = new nn.Embedding(7, 4);
  readonly positions = new nn.Embedding(5, 4);
  readonly scale = nn.tensor([1, 2, 3, 4], [4], { requiresGrad: true });

  override forward(ids: nn.Tensor): nn.Tensor {
    const x = this.words.forward(ids).add(this.positions.forward([0, 1, 2, 3, 4]));
    const scores = nn.softmax(nn.bmm(x, nn.transpose(x)).mul(0.5), 1);
    const y = nn.bmm(scores, x).div(this.scale).square().sub(1).tanh();
    return nn.permute(nn.maximum(y.exp(), x), { axes: [0, 2, 1] }).reshape([10, 4]);
  }
}

describe('ONNX Runtime computes what is computed here', () => {
  it.each(Object.keys(layers))('of %s', async (name) => {
    const [model, ...inputs] = layers[name];
    await expectSame(used(model), ...inputs);
  });

  it('of a forward with functions', () => expectSame(used(new Own()), words(2, 5)));

  it('of a weight that is used twice, and turned', async () => {
    class Tied extends nn.Module {
      readonly linear = new nn.Linear(4, 3);

      override forward(x: nn.Tensor): nn.Tensor {
        return nn.matmul(this.linear.forward(x), this.linear.weight);
      }
    }
    await expectSame(used(new Tied()), rows());
  });

  it('of another batch', async () => {
    const model = used(layers['a network over images'][0]);
    const bytes = toOnnx(model, image());
    if (runtime === null) return;
    const session = await runtime.InferenceSession.create(bytes, { logSeverityLevel: 3 });
    const x = random(5, 6, 7, 4);
    const { output } = await session.run({
      input: new runtime.Tensor('float32', Float32Array.from(x.value), x.shape),
    });
    expect(output.dims).toEqual([5, 5]);
  });
});

describe('what cannot be written', () => {
  class Compared extends nn.Module {
    readonly inner = new nn.Sequential(new nn.Linear(4, 4));
    readonly how: (x: nn.Tensor) => nn.Tensor;

    constructor(how: (x: nn.Tensor) => nn.Tensor) {
      super();
      this.how = how;
    }

    override forward(x: nn.Tensor): nn.Tensor {
      return this.how(this.inner.forward(x));
    }
  }

  it('is told with its module', () => {
    const inner = new Compared((x) => nn.cumsum(x, 1));
    expect(() => toOnnx(new nn.Sequential(inner), rows())).toThrow(
      '0 (Compared): the function cumsum is not written to ONNX here',
    );
    expect(() => toOnnx(new nn.LSTM(4, 3), rows())).toThrow('LSTM: a recurrent layer without a batch');
    expect(() => toOnnx(new nn.SinusoidalPositions(), rows())).toThrow(
      'SinusoidalPositions: positions without a batch are not written',
    );
    const hooked = new nn.Linear(4, 3);
    hooked.registerForwardHook((_, __, y) => y.mul(2));
    expect(() => toOnnx(new nn.Sequential(hooked), rows())).toThrow('0 (Linear): a layer with hooks');
    class Doubled extends nn.Linear {
      override forward(x: nn.Tensor): nn.Tensor {
        return super.forward(x).mul(2);
      }
    }
    expect(() => toOnnx(new Doubled(4, 3), rows())).toThrow('Doubled: the function');
    const longer = new nn.ConvTranspose2d(4, 4, 3, { dilation: 3, outputPadding: 2 });
    expect(() => toOnnx(longer, image())).toThrow('ConvTranspose2d: ONNX Runtime has no outputPadding');
  });

  it('is told where it goes by the elements of the input, unseen', () => {
    class Summed extends nn.Module {
      override forward(x: nn.Tensor): nn.Tensor {
        return x.mul(x.sum().item());
      }
    }
    for (const example of [rows(), nn.zeros([3, 4])]) {
      expect(() => toOnnx(new Summed(), example)).toThrow('depends on the elements of the input');
    }
    const chosen = new Compared((x) =>
      x.mul(
        nn.tensor(
          x.value.map((one) => Number(one > 0)),
          [...x.shape],
        ),
      ),
    );
    expect(() => toOnnx(chosen, rows())).toThrow(
      'depends on the elements of the input by what is not recorded',
    );
  });

  it('leaves the model as it was', () => {
    const model = new nn.Sequential(new nn.Linear(4, 4), new nn.Dropout().eval(), new nn.BatchNorm1d(4));
    const before = model.stateDict();
    toOnnx(model, rows());
    expect(model.modules().map(({ training }) => training)).toEqual([true, true, false, true]);
    expect(model.stateDict()).toEqual(before);
    expect(Object.hasOwn(model, 'forward')).toBe(false);
  });
});

it('a file is written where a path is given', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-onnx-'));
  const path = join(folder, 'model.onnx');
  const bytes = toOnnx(new nn.Linear(4, 3), rows(), { path, dynamicBatch: false });
  expect(readFileSync(path)).toEqual(Buffer.from(bytes));
  rmSync(folder, { recursive: true });
});

it('Protocol Buffers: a float and text', () => {
  expect([...float(2, 1)]).toEqual([0x15, 0, 0, 0x80, 0x3f]);
  expect([...encode([[2, 'a']])]).toEqual([0x12, 1, 97]);
});
