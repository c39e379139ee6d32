import { createServer, type ServerResponse } from 'node:http';

/** What a page that is served is told while a study runs; plain JSON. */
export interface StudyEvent {
  /** `run`: one has ended; `progress`: where the study stands. */
  readonly type: 'run' | 'progress';
  readonly data: unknown;
}

/** A page on this machine that is told what happens. */
export interface StudyServer {
  readonly url: string;
  push(event: StudyEvent): void;
  /** Gives the page once more to those who follow, then ends all connections. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  // The page needs nothing from outside: nothing that might get into it may fetch something.
  'content-security-policy':
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; img-src data: blob:",
};

/** A page stays as it is for so long, in milliseconds: runs may end faster than one can read. */
const STAYS = 1500;

/** What the page is given besides itself: it draws itself anew when a run has ended, and tells the progress until then. */
const FOLLOW = `<p id="live" role="status" aria-live="off"></p><script>
{
  const events = new EventSource('/events');
  const told = document.querySelector('#live');
  const anew = () => location.reload();
  let waits;
  events.addEventListener('progress', ({ data }) => { told.textContent = JSON.parse(data); });
  events.addEventListener('run', () => { waits ??= setTimeout(anew, ${STAYS} - performance.now()); });
  events.addEventListener('end', anew);
  events.addEventListener('error', () => {
    events.close();
    told.textContent = 'The study is no longer running.';
  });
}
</script>`;

/**
 * Serves a page on 127.0.0.1 alone, and tells it by server-sent events at `/events` what happens.
 * @param port 0: one that is free.
 * @param page makes the page as it is at the moment.
 * @param patience how long the end waits for those who follow, in milliseconds. Default: 2,000.
 * @throws the error of the system where the port is taken.
 */
export async function serveStudy({
  port,
  page,
  patience = 2000,
}: {
  readonly port: number;
  readonly page: () => string;
  readonly patience?: number;
}): Promise<StudyServer> {
  const listeners = new Set<ServerResponse>();
  let given = () => {};
  const server = createServer(({ method, url, headers }, response) => {
    // Another site's name may lead here: whoever asks by it is not the reader.
    const isLocal = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? '');
    if (!isLocal) return refuse(response, 403);
    if (method !== 'GET') return refuse(response, 405);
    if (url === '/') {
      response.writeHead(200, { ...HEADERS, 'content-type': 'text/html; charset=utf-8' });
      response.end(
        page().replace('</body>', () => `${FOLLOW}</body>`),
        () => given(),
      );
    } else if (url === '/events') {
      response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
      // Something has to be sent for the reader to know that it is connected.
      response.write(': connected\n\n');
      listeners.add(response);
      response.on('close', () => listeners.delete(response));
    } else refuse(response, 404);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  const address = server.address();
  const at = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${HOST}:${at}/`,
    push({ type, data }) {
      const text = `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
      for (const listener of listeners) listener.write(text);
    },
    async close() {
      await new Promise<void>((resolve) => {
        let waiting = listeners.size;
        if (waiting === 0) return resolve();
        const late = setTimeout(resolve, patience);
        given = () => {
          if (--waiting > 0) return;
          clearTimeout(late);
          resolve();
        };
        for (const listener of listeners) listener.end('event: end\ndata: null\n\n');
      });
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, HEADERS);
  response.end();
}
