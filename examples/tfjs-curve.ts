// TensorFlow.js's tutorial of a curve through noisy points, written anew: npx tsx examples/tfjs-curve.ts
// One line makes it run on the kernels of this package: the second import stands where "import '@tensorflow/tfjs-node'" did.
// Needs the npm packages @tensorflow/tfjs-core, @tensorflow/tfjs-backend-cpu and @tensorflow/tfjs-layers, or @tensorflow/tfjs.
import { pathToFileURL } from 'node:url';
import 'lockstep/tfjs';
import * as tf from '@tensorflow/tfjs-core';
// It brings the gradients, which tfjs-core leaves out.
import '@tensorflow/tfjs-layers';

/** y = a x^3 + b x^2 + c x + d */
type Coefficients = readonly [number, number, number, number];

const TRUTH: Coefficients = [-0.8, -0.2, 0.9, 0.5];

/** Horner's scheme, in tensors. */
function curve(x: tf.Tensor, [first, ...others]: readonly tf.Tensor[]): tf.Tensor {
  return others.reduce((sum, coefficient) => tf.add(tf.mul(sum, x), coefficient), first);
}

function points(count: number, seed: number, noise: number) {
  return tf.tidy(() => {
    const x = tf.randomUniform([count], -1, 1, 'float32', seed);
    const exact = curve(
      x,
      TRUTH.map((coefficient) => tf.scalar(coefficient)),
    );
    return { x, y: tf.add(exact, tf.randomNormal([count], 0, noise, 'float32', seed + 1)) };
  });
}

export interface CurveOptions {
  readonly points?: number;
  readonly steps?: number;
  /** The deviation of the points from the curve. */
  readonly noise?: number;
  readonly progress?: boolean;
}

export function fitCurve(options: CurveOptions = {}) {
  const { points: count = 1000, steps = 300, noise = 0.04, progress = true } = options;
  const { x, y } = points(count, 1, noise);
  const coefficients = TRUTH.map(() => tf.variable(tf.scalar(0)));
  const optimizer = tf.train.sgd(0.5);
  const loss = (): tf.Scalar => tf.mean(tf.squaredDifference(curve(x, coefficients), y));
  for (let step = 1; step <= steps; step++) {
    const cost = optimizer.minimize(loss, step % 100 === 0, coefficients);
    if (progress && cost !== null) console.log(`step ${step}: loss ${cost.dataSync()[0].toFixed(5)}`);
    cost?.dispose();
  }
  const found = coefficients.map((coefficient) => coefficient.dataSync()[0]);
  tf.dispose([x, y, ...coefficients]);
  optimizer.dispose();
  return { found, truth: TRUTH };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { found, truth } = fitCurve();
  console.log('found', found.map((value) => value.toFixed(3)).join(', '), 'of', truth.join(', '));
}
