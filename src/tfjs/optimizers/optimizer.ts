import type { Scalar, serialization, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { Parameter } from '../../array/parameter.js';
import { checkAtLeast } from '../../core/validate.js';
import { clipGradNorm, type Optimizer, type ParamGroup } from '../../optim/index.js';
import type { LearningRate } from '../../schedule/index.js';
import type { LockstepBackend } from '../backend.js';
import { checkGradients, tf } from '../peers.js';
import {
  activeBackend,
  type Gradients,
  type NamedTensor,
  ownValues,
  StepGradients,
  VariableParameter,
  variablesOf,
} from './variables.js';
import { readWeights, type Weights, writeWeights } from './weights.js';

/** What the optimizers of lockstep/tfjs take besides the options of their kind. */
export interface TrainingOptions {
  /** Scales the gradients of all variables together where their norm is larger. Default: it does not. */
  readonly clipGradNorm?: number;
}

/** An optimizer of this package, which takes parameters. */
export type OptimizerClass<Options> = new (
  params: Iterable<Parameter | ParamGroup<Options>>,
  options?: Options,
) => Optimizer;

/**
 * An optimizer of TensorFlow.js that steps all variables in one native call, in their place. Its state belongs to the name of
 * a variable. It goes wherever one of `tf.train` goes: `model.compile`, `minimize`, `applyGradients`, `model.save`.
 */
export abstract class TrainingOptimizer<Options extends object> extends tf.Optimizer {
  readonly #type: OptimizerClass<Options>;
  readonly #maxNorm: number | undefined;
  readonly #parameters = new Map<string, VariableParameter>();
  /** Those that the optimizer does not know yet. */
  #joining: VariableParameter[] = [];
  #options: Options;
  #optimizer: Optimizer | null = null;
  /** What `setWeights` was given before the first step, which is when the variables are known. */
  #pending: Weights | null = null;

  constructor(
    type: OptimizerClass<Options>,
    { clipGradNorm: maxNorm, ...options }: Options & TrainingOptions,
  ) {
    super();
    if (maxNorm !== undefined) checkAtLeast('clipGradNorm', maxNorm, 0);
    this.#type = type;
    this.#maxNorm = maxNorm;
    this.#options = options as Options & TrainingOptions;
    // What does not fit is told here, not at the first step.
    this.#trial();
  }

  /** The learning rate of the next step. */
  get learningRate(): number {
    return (this.#optimizer ?? this.#trial()).lr;
  }

  /** A number, a schedule, or a function of the step, for the steps to come. */
  set learningRate(lr: LearningRate) {
    (this.#optimizer ?? this.#trial()).lr = lr;
    this.#options = { ...this.#options, lr };
  }

  override computeGradients(f: () => Scalar, varList?: Variable[]) {
    checkGradients();
    return super.computeGradients(f, varList);
  }

  /** One step for all variables that have a gradient: they are changed in their place, the gradients are not. */
  override applyGradients(gradients: Gradients): void {
    const backend = activeBackend();
    const taking = variablesOf(gradients).flatMap(({ variable, gradient }) =>
      gradient === null ? [] : [{ variable, gradient }],
    );
    if (taking.length > 0) this.#step(backend, taking);
    this.incrementIterations();
  }

  override async getWeights(): Promise<NamedTensor[]> {
    const iterations = await this.saveIterations();
    if (this.#optimizer === null) return [iterations];
    const shapes = new Map(Array.from(this.#parameters.values(), ({ name, shape }) => [name, [...shape]]));
    return [iterations, ...writeWeights(this.#optimizer.stateDict(), shapes)];
  }

  override async setWeights(weightValues: NamedTensor[]): Promise<void> {
    const rest = await this.extractIterations(weightValues);
    const weights = rest.length === 0 ? null : await readWeights(rest);
    if (this.#optimizer === null || weights === null) this.#pending = weights;
    else this.#optimizer.loadStateDict(weights.stateFor([...this.#parameters.values()]));
  }

  /** The options, to be saved with a model. A schedule is code: in its place stands the rate in force. */
  getConfig(): serialization.ConfigDict {
    const clipping = this.#maxNorm === undefined ? {} : { clipGradNorm: this.#maxNorm };
    return { ...(this.#options as serialization.ConfigDict), ...clipping, lr: this.learningRate };
  }

  override dispose(): void {
    this.#optimizer = null;
    this.#parameters.clear();
    this.#joining = [];
  }

  #trial(): Optimizer {
    return new this.#type([new VariableParameter('trial', [1], new Float32Array(1))], this.#options);
  }

  #step(backend: LockstepBackend, taking: readonly { variable: Variable; gradient: Tensor }[]): void {
    const gradients = new StepGradients(backend);
    const parameters = taking.map(({ variable, gradient }) => {
      const parameter = this.#parameterOf(backend, variable);
      parameter.grad = gradients.take(gradient, this.#maxNorm !== undefined);
      return parameter;
    });
    try {
      const optimizer = this.#joinedOptimizer();
      if (this.#maxNorm !== undefined) clipGradNorm(parameters, this.#maxNorm);
      optimizer.step();
    } finally {
      for (const parameter of parameters) parameter.grad = null;
      gradients.done();
    }
  }

  #parameterOf(backend: LockstepBackend, variable: Variable): VariableParameter {
    const value = ownValues(backend, variable);
    let parameter = this.#parameters.get(variable.name);
    if (parameter === undefined) {
      parameter = new VariableParameter(variable.name, variable.shape, value);
      this.#parameters.set(variable.name, parameter);
      this.#joining.push(parameter);
    }
    parameter.value = value;
    return parameter;
  }

  /** The optimizer, which all known variables have joined. */
  #joinedOptimizer(): Optimizer {
    const joining = this.#joining;
    if (this.#optimizer === null) {
      const optimizer = new this.#type(joining, this.#options);
      if (this.#pending !== null) optimizer.loadStateDict(this.#pending.stateFor(joining));
      this.#pending = null;
      this.#optimizer = optimizer;
    } else if (joining.length > 0) {
      this.#optimizer.addParamGroup({ params: joining });
    }
    if (joining.length > 0) this.#joining = [];
    return this.#optimizer;
  }
}
