import type { UnaryName } from '../../backend/contract/kernels.js';
import type { Tensor } from '../engine/tensor.js';
import { unary } from '../functions/elementwise.js';
import { type GeluOptions, geluOf } from '../functions/gelu.js';
import { Module } from './module.js';

/** A function of each element. Sequential lets the layer before it apply it in passing, with the same bits. */
export abstract class Activation extends Module {
  /** The function. */
  abstract readonly kind: UnaryName;

  override forward(x: Tensor): Tensor {
    return unary(this.kind, x);
  }
}

/** max(x, 0) */
export class ReLU extends Activation {
  readonly kind: UnaryName = 'relu';
}

export class Tanh extends Activation {
  readonly kind: UnaryName = 'tanh';
}

/** 1 / (1 + exp(-x)) */
export class Sigmoid extends Activation {
  readonly kind: UnaryName = 'sigmoid';
}

/** x sigmoid(x), also known as swish: Ramachandran, Zoph & Le 2017, https://arxiv.org/abs/1710.05941. */
export class SiLU extends Activation {
  readonly kind: UnaryName = 'silu';
}

/** x Phi(x): Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415. Options: those of the function `gelu`. */
export class GELU extends Activation {
  readonly kind: UnaryName;

  constructor(options: GeluOptions = {}) {
    super();
    this.kind = geluOf('GELU', options);
  }
}

/** The function `selu`. */
export class SELU extends Activation {
  readonly kind: UnaryName = 'selu';
}

/** The function `hardswish`. */
export class Hardswish extends Activation {
  readonly kind: UnaryName = 'hardswish';
}

/** The function `hardsigmoid`. */
export class Hardsigmoid extends Activation {
  readonly kind: UnaryName = 'hardsigmoid';
}

/** The function `mish`. */
export class Mish extends Activation {
  readonly kind: UnaryName = 'mish';
}

/** The function `logsigmoid`. */
export class LogSigmoid extends Activation {
  readonly kind: UnaryName = 'logsigmoid';
}

/** The function `softsign`. */
export class Softsign extends Activation {
  readonly kind: UnaryName = 'softsign';
}
