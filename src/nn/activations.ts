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
