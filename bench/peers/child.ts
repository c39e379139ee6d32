import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Sample } from '../measure.js';
import type { Environment } from './environment.js';

/** A message of one line. */
export type Message = Readonly<Record<string, unknown>>;

/**
 * A process that stays: one JSON object a line in, one out, in turns. Its first line, unasked, says what it is; a reply
 * with `error` is thrown.
 */
export class Child {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #complaints = '';

  /** @throws Error if the command does not start or ends at once, with what it wrote to stderr. */
  static async start(
    command: string,
    args: readonly string[],
    environment: Environment,
  ): Promise<{ child: Child; hello: Message }> {
    const process = spawn(command, args, { env: environment });
    await once(process, 'spawn');
    const child = new Child(process);
    return { child, hello: await child.#reply() };
  }

  private constructor(process: ChildProcessWithoutNullStreams) {
    this.#process = process;
    this.#lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
    process.stderr.on('data', (text) => {
      this.#complaints += text;
    });
    // A write to a process that has ended: the missing reply tells.
    process.stdin.on('error', () => {});
  }

  async request(message: Message): Promise<Message> {
    this.#process.stdin.write(`${JSON.stringify(message)}\n`);
    return this.#reply();
  }

  close(): void {
    this.#process.stdin.end();
  }

  /** Ends it in the middle of its work: the request under way fails. */
  kill(): void {
    this.#process.kill();
  }

  async #reply(): Promise<Message> {
    const { done, value } = await this.#lines.next();
    if (done) throw new Error(lastLine(this.#complaints) ?? 'the process ended');
    const reply: unknown = JSON.parse(value);
    if (typeof reply !== 'object' || reply === null) throw new Error(`not a reply: ${value}`);
    if ('error' in reply) throw new Error(String(reply.error));
    return Object.fromEntries(Object.entries(reply));
  }
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1) || undefined;
}

/** Starts a program of TypeScript; `flags` are Node's. */
export function startProgram(
  script: URL,
  args: readonly string[],
  environment: Environment,
  flags: readonly string[] = [],
): ReturnType<typeof Child.start> {
  const command = [...flags, '--import', 'tsx', fileURLToPath(script), ...args];
  return Child.start(process.execPath, command, environment);
}

/** What it took, in a reply. */
export function sampleIn(message: Message): Sample {
  return { seconds: numberIn(message, 'seconds'), processor: numberIn(message, 'processor') };
}

function numberIn(message: Message, key: string): number {
  const value = message[key];
  if (typeof value !== 'number') throw new Error(`${key} is missing in ${JSON.stringify(message)}`);
  return value;
}
