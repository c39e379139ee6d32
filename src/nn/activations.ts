import { checkGeluOptions, type GeluOptions, gelu, softplus } from './functions/unary.js';
import { Module } from './module.js';
import type { Tensor } from './tensor.js';

/** max(x, 0) */
export class ReLU extends Module {
  override forward(x: Tensor): Tensor {
    return x.relu();
  }
}

export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    return x.tanh();
  }
}

/** 1 / (1 + exp(-x)) */
export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return x.sigmoid();
  }
}

/** x sigmoid(x), also known as swish: Ramachandran, Zoph & Le 2017, https://arxiv.org/abs/1710.05941. */
export class SiLU extends Module {
  override forward(x: Tensor): Tensor {
    return x.silu();
  }
}

/** x Phi(x): Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415. Options: those of the function `gelu`. */
export class GELU extends Module {
  readonly #options: GeluOptions;

  constructor(options: GeluOptions = {}) {
    super();
    checkGeluOptions(options);
    this.#options = { ...options };
  }

  override forward(x: Tensor): Tensor {
    return gelu(x, this.#options);
  }
}

/** log(1 + exp(x)) */
export class Softplus extends Module {
  override forward(x: Tensor): Tensor {
    return softplus(x);
  }
}
