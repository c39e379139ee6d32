import { createInterface } from 'node:readline';
import type { Sample } from '../measure.js';
import type { Message } from './child.js';

export interface Prepared {
  /** Takes so many steps. */
  run(steps: number): Sample | Promise<Sample>;
  /** @throws Error if what was measured is void */
  finish?(): void | Promise<void>;
  /** What the reply to `prepare` holds. */
  readonly reply?: Message;
}

/**
 * Answers requests until there are no more. One JSON object a line: requests from stdin, replies to stdout.
 *
 * `hello` goes first. prepare { ... }, as the program says; run { steps } -> { seconds, processor }; finish {}.
 */
export async function serve(
  hello: Message,
  prepare: (request: Message) => Prepared | Promise<Prepared>,
): Promise<void> {
  const reply = (message: Message | Sample) => console.log(JSON.stringify(message));
  reply(hello);
  let current: Prepared | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const request: Message = JSON.parse(line);
    try {
      if (request.command === 'prepare') {
        current = await prepare(request);
        reply(current.reply ?? {});
      } else if (request.command === 'run') {
        if (current === undefined) throw new Error('nothing is prepared');
        reply(await current.run(Number(request.steps)));
      } else {
        await current?.finish?.();
        current = undefined;
        reply({});
      }
    } catch (error) {
      reply({ error: error instanceof Error ? error.message : String(error) });
    }
  }
}
