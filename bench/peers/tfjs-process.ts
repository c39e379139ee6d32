// Work of TensorFlow.js, timed in a process of its own. One JSON object a line: requests from stdin, replies to stdout.
//
// prepare { ... }, as the program that calls serve() says; run { steps } -> { seconds }; finish {}.
import { createInterface } from 'node:readline';
import * as tf from '@tensorflow/tfjs-core';
import { checkOneOf } from '../../src/validate.js';

const backends = {
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
  wasm: () => import('@tensorflow/tfjs-backend-wasm'),
};

export type Request = Readonly<Record<string, unknown>>;

export interface Prepared {
  /** Takes so many steps and returns the seconds they took. */
  run(steps: number): number;
  /** @throws Error if what was measured is void */
  finish(): void | Promise<void>;
}

/** Answers requests until there are no more, on the backend that the command line names. */
export async function serve(prepare: (request: Request) => Prepared): Promise<void> {
  const backend = process.argv[2];
  checkOneOf('backend', backend, ['cpu', 'wasm']);
  await backends[backend]();
  await tf.setBackend(backend);
  const reply = (message: object) => console.log(JSON.stringify(message));
  reply({ version: tf.version_core });
  let current: Prepared | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const request: Request = JSON.parse(line);
    try {
      if (request.command === 'prepare') {
        current = prepare(request);
        reply({});
      } else if (request.command === 'run') {
        reply({ seconds: current?.run(Number(request.steps)) });
      } else {
        await current?.finish();
        current = undefined;
        reply({});
      }
    } catch (error) {
      reply({ error: error instanceof Error ? error.message : String(error) });
    }
  }
}
