/** What gemm and conv2dForward can apply to their result, by name; kernels know them by their place. */
export const ACTIVATIONS = ['none', 'relu', 'tanh', 'sigmoid', 'silu', 'gelu', 'geluTanh'] as const;

export type Activation = (typeof ACTIVATIONS)[number];
