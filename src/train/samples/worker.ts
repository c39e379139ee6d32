// What runs in a worker thread of a loader: it opens the pipeline, says how many samples there are, and makes one step after the other.
import { parentPort, workerData } from 'node:worker_threads';
import type { Table } from './columns.js';
import { loadPipeline, type PipelineModule } from './pipeline.js';
import { postable, Reader, type ReaderOptions, type Request } from './reader.js';

/** What a worker is started with. */
export interface WorkerData {
  readonly pipeline: PipelineModule;
  readonly options: ReaderOptions;
}

/** What it posts: first how many samples there are, then an answer to each request, in their order. */
export type Answer =
  | { readonly length: number | null }
  | { readonly table: Table | null }
  | { readonly error: Error };

if (parentPort !== null) serve(workerData, (answer) => parentPort?.postMessage(answer));

function serve({ pipeline, options }: WorkerData, post: (answer: Answer) => void): void {
  const opening = loadPipeline(pipeline).then((opened) => new Reader(opened, options, true));
  let last: Promise<void> = answer(async () => ({ length: (await opening).length }));

  async function answer(make: () => Promise<Answer>): Promise<void> {
    try {
      post(await make());
    } catch (error) {
      post({ error: postable(error) });
    }
  }

  parentPort?.on('message', (request: Request | 'end') => {
    const before = last;
    last = before.then(async () => {
      if (request === 'end') await (await opening).end();
      else await answer(async () => ({ table: await (await opening).read(request) }));
    });
  });
}
