import { describe, expect, it, test } from 'vitest';
import {
  Adam,
  AdamW,
  biasesAndNorms,
  cosine,
  linear,
  type Optimizer,
  oneCycle,
  oneCycleMomentum,
  reduceOnPlateau,
  SGD,
} from '../../src/index.js';
import { makeParams } from './params.js';

/** Of four elements. */
const parameter = (name: string, shape: number[] = [4]) => ({
  name,
  shape,
  value: Float32Array.of(1, 2, 3, 4),
  grad: new Float32Array(4),
});

type Stepped = Pick<Optimizer, 'steps' | 'parameters' | 'step'>;

/** Gradients that differ from step to step. */
function steps(optimizer: Stepped, count: number, each: (step: number) => void = () => {}): void {
  for (let s = 0; s < count; s++) {
    each(optimizer.steps);
    for (const { grad, value } of optimizer.parameters()) {
      grad?.forEach((_, i) => {
        grad[i] = Math.sin(optimizer.steps + i) + value[i] / 4;
      });
    }
    optimizer.step();
  }
}

const values = (optimizer: Stepped) => optimizer.parameters().map(({ value }) => [...value]);

describe('options as schedules', () => {
  const momentum = oneCycleMomentum({ steps: 20 });
  const decay = (step: number) => 0.1 / (1 + step);

  it('give the bits of an optimizer of each step, whose options are numbers', () => {
    const lr = oneCycle({ max: 0.1, steps: 20 });
    const scheduled = new SGD(makeParams(['a', 'b']), { lr, momentum, weightDecay: decay });
    const params = makeParams(['a', 'b']);
    let last: SGD | null = null;
    steps(scheduled, 20);
    for (let step = 0; step < 20; step++) {
      const next = new SGD(params, { lr, momentum: momentum.at(step), weightDecay: decay(step) });
      if (last !== null) next.loadStateDict(last.stateDict());
      steps(next, 1);
      last = next;
    }
    expect(last && values(last)).toEqual(values(scheduled));
  });

  it('of an array are its numbers', () => {
    const betas = [momentum, 0.99] as const;
    const scheduled = new Adam(makeParams(['a']), { betas });
    const fixed = new Adam(makeParams(['a']), { betas: [momentum.at(0), 0.99] });
    steps(scheduled, 1);
    steps(fixed, 1);
    expect(values(scheduled)).toEqual(values(fixed));
    steps(scheduled, 5);
    steps(fixed, 5);
    expect(values(scheduled)).not.toEqual(values(fixed));
    expect(betas).toEqual([momentum, 0.99]);
  });

  it('go on where a state dictionary was saved', () => {
    const make = () => new Adam(makeParams(['a']), { betas: [momentum, 0.99], weightDecay: decay });
    const whole = make();
    steps(whole, 7);
    const resumed = make();
    resumed.loadStateDict(whole.stateDict());
    for (const [i, { value }] of resumed.parameters().entries()) value.set(whole.parameters()[i].value);
    steps(whole, 7);
    steps(resumed, 7);
    expect(values(resumed)).toEqual(values(whole));
  });

  it('are told metrics, and saved, behind the learning rates', () => {
    const make = () =>
      new SGD(makeParams(['a']), { weightDecay: reduceOnPlateau(0.1, { patience: 0 }), lr: 0.01 });
    const optimizer = make();
    steps(optimizer, 1);
    optimizer.observe(1);
    optimizer.observe(2);
    const state = optimizer.stateDict();
    expect(state.schedules).toEqual([null, expect.objectContaining({ schedule: 'reduceOnPlateau' })]);
    const resumed = make();
    resumed.loadStateDict(
      JSON.parse(JSON.stringify({ ...state, parameters: { a: { step: 1, arrays: {} } } })),
    );
    expect(resumed.stateDict().schedules).toEqual(state.schedules);
  });

  it('belong to a group, or to all that have none of their own', () => {
    const [a, b] = [parameter('a'), parameter('b')];
    const optimizer = new SGD([{ params: [a], weightDecay: 0 }, { params: [b] }], {
      lr: 1,
      weightDecay: decay,
    });
    const before = b.value[0];
    a.grad.fill(0);
    b.grad.fill(0);
    const unchanged = [...a.value];
    optimizer.step();
    expect([...a.value]).toEqual(unchanged);
    expect(b.value[0]).toBeCloseTo(before * 0.9, 6);
    const late = parameter('late');
    late.grad.fill(0);
    const first = late.value[0];
    optimizer.addParamGroup({ params: [late] });
    optimizer.step();
    expect(late.value[0]).toBeCloseTo(first * 0.95, 6);
  });

  it.each([
    [
      { momentum: (step: number) => 0.5 - step },
      /^momentum at step 1 must be a finite number of at least 0, got -0.5/,
    ],
    [
      { weightDecay: { at: (step: number) => (step < 1 ? 0 : -1) } },
      /^SGD at step 1: weightDecay must be .* got -1$/,
    ],
    [
      { momentum: linear(1, { from: 0, to: 1, steps: 9 }) },
      /^SGD at step 1: momentum must not change which states/,
    ],
    [
      { momentum: linear(1, { from: 1, to: 0, steps: 1 }) },
      /^SGD at step 1: momentum must not change which states/,
    ],
    [
      { momentum: 0.9, dampening: (step: number) => step, nesterov: true },
      /^SGD at step 1: nesterov needs a momentum/,
    ],
  ])('are checked at every step: %o', (options, message) => {
    const params = makeParams(['a']);
    const optimizer = new SGD(params, { lr: cosine(0.1, { steps: 9 }), ...options });
    steps(optimizer, 1);
    const before = [...params[0].value];
    expect(() => optimizer.step()).toThrow(message);
    expect([...params[0].value]).toEqual(before);
    expect(optimizer.steps).toBe(1);
  });

  test('what is neither is refused at once, and so is what does not fit at first', () => {
    const params = makeParams(['a']);
    // @ts-expect-error a string is no momentum
    expect(() => new SGD(params, { momentum: 'high' })).toThrow(/momentum must be a number/);
    expect(() => new Adam(params, { betas: [() => 1, 0.9] })).toThrow(
      /Adam at step 0: betas\[0\] must be in/,
    );
  });
});

describe('noDecay', () => {
  const made = () => [parameter('weight', [2, 2]), parameter('bias', [4]), parameter('other', [4, 1])];

  it.each([0.5, () => 0.5])('takes the weight decay from those that it names: %o', (weightDecay) => {
    const params = made();
    const optimizer = new AdamW(params, { lr: 0.1, weightDecay, noDecay: biasesAndNorms });
    for (const { grad } of params) grad.fill(0);
    optimizer.step();
    expect(params[1].value[3]).toBe(4);
    for (const p of [params[0], params[2]]) expect(p.value[3]).toBeCloseTo(4 * (1 - 0.05), 5);
    expect(optimizer.parameters()).toEqual(params);
  });

  it('keeps those apart that have taken as many steps', () => {
    const [weight, bias, other] = made().map((p) => ({ ...p, grad: null as Float32Array | null }));
    const optimizer = new AdamW([weight, bias, other], {
      lr: 0.1,
      weightDecay: 0.5,
      noDecay: biasesAndNorms,
    });
    weight.grad = new Float32Array(4);
    optimizer.step();
    bias.grad = new Float32Array(4);
    other.grad = new Float32Array(4);
    optimizer.step();
    expect(bias.value[3]).toBe(4);
    expect(other.value[3]).toBeCloseTo(4 * (1 - 0.05), 5);
  });

  it('leaves the state dictionary as it is', () => {
    const make = (noDecay?: typeof biasesAndNorms) =>
      new AdamW(made(), { lr: 0.1, weightDecay: 0.5, ...(noDecay && { noDecay }) });
    const [with_, without] = [make(biasesAndNorms), make()];
    steps(with_, 2);
    steps(without, 2);
    with_.loadStateDict(without.stateDict());
    expect(with_.stateDict().schedules).toEqual([null]);
    expect(values(with_)[1]).not.toEqual(values(without)[1]);
  });

  it('is a function of the parameter that returns a boolean, and of optimizers that decay', () => {
    // @ts-expect-error no boolean
    expect(() => new SGD(made(), { noDecay: () => 1 })).toThrow(
      /noDecay\("weight"\) must be a boolean, got 1/,
    );
    // @ts-expect-error no function
    expect(() => new SGD(made(), { noDecay: true })).toThrow(/noDecay must be a function, got true/);
  });
});
