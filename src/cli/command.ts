import { UsageError } from './errors.js';
import { type Flags, parseFlags, type Values } from './flags.js';
import { type CommandHelp, commandHelp } from './help.js';

/** A command that can be started with its arguments. */
export interface Command extends CommandHelp {
  readonly start: (args: readonly string[]) => Promise<void>;
}

/** A command whose `run` gets the values of its flags, and the arguments as they were typed. */
export function command<Table extends Flags>(
  help: CommandHelp & { readonly flags: Table },
  run: (values: Values<Table>, args: readonly string[]) => Promise<void>,
): Command {
  return {
    ...help,
    async start(args) {
      const values = parseFlags(help.flags, args);
      if (values === 'help') process.stdout.write(commandHelp(help));
      else await run(values, args);
    },
  };
}

/** A command that takes an argument before its flags. */
export function commandOf<Table extends Flags>(
  help: CommandHelp & { readonly flags: Table },
  argument: string,
  run: (argument: string, values: Values<Table>) => void,
): Command {
  return {
    ...help,
    async start([first = '--', ...rest]) {
      const isHelp = first === '-h' || first === '--help';
      if (first.startsWith('-') && !isHelp)
        throw new UsageError(`${help.name} needs ${argument} before its flags`);
      const values = parseFlags(help.flags, isHelp ? [first] : rest);
      if (values === 'help') process.stdout.write(commandHelp(help));
      else run(first, values);
    },
  };
}
