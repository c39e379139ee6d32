import { nearRanks } from '../../distributed/levels.js';
import { terminalWidth, wrap } from '../../text/wrap.js';
import { save } from '../files.js';
import type { Values } from '../flags.js';
import { explainModel, markText, renderRanks, renderTableOfRanks, TABLE_RANKS } from './explain.js';
import { estimate, packageWay, WAYS } from './model.js';
import { type PlanOptions, type planFlags, planOptions } from './options.js';

const WIDEST = 100;

/** `lockstep plan`. @throws UsageError before anything is written. */
export function plan(flags: Values<typeof planFlags>): void {
  const options = planOptions(flags);
  const width = Math.min(WIDEST, terminalWidth(process.stdout) ?? WIDEST);
  process.stdout.write(
    [
      explainModel(options, width),
      renderRanks(options, width),
      renderTableOfRanks(options, width),
      ...wrap(markText, width),
      '',
    ].join('\n'),
  );
  if (options.json !== null) save(options.json, '--json', `${JSON.stringify(numbers(options), null, 2)}\n`);
}

/** All that was computed: of the asked ranks first, then of the table's. */
function numbers({ parameters, bytesPerParameter, ranks, training, network }: PlanOptions) {
  return {
    parameters,
    bytesPerParameter,
    training,
    network,
    plans: [ranks, ...TABLE_RANKS].map((count) => ({
      ranks: count,
      nearRanks: nearRanks(count),
      package: packageWay(count),
      estimates: WAYS.map((way) => estimate(way, count, training, network)),
    })),
  };
}
