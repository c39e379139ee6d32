import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type StudyServer, serveStudy } from '../../src/cli/compare/serve.js';

const open: StudyServer[] = [];

async function served(page: () => string = () => '<body>hello</body>', patience = 0) {
  const server = await serveStudy({ port: 0, page, patience });
  open.push(server);
  return server;
}

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

/** The status for a request with any method and name of the host. */
const statusOf = (url: string, method: string, host: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    request(url, { method, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });

describe('serveStudy', () => {
  it('serves the page as it is at the moment, on this machine alone', async () => {
    let runs = 1;
    const { url } = await served(() => `<body>${runs} of 3</body>`);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(await (await fetch(url)).text()).toContain('1 of 3');
    runs = 2;
    const response = await fetch(url);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await response.text()).toMatch(/2 of 3.*EventSource.*<\/body>/s);
  });

  it('tells everyone who listens what happens, and ends when all of them have the page as it ended', async () => {
    // For ever, as a test sees it.
    const server = await served(undefined, 100_000);
    const texts = await Promise.all(
      [1, 2].map(async () => {
        const { body, headers } = await fetch(`${server.url}events`);
        expect(headers.get('content-type')).toBe('text/event-stream');
        const reader = body?.getReader();
        await reader?.read();
        return reader;
      }),
    );
    server.push({ type: 'progress', data: '3 of 9\nruns' });
    server.push({ type: 'run', data: { hash: 'a' } });
    const closed = server.close();
    for (const reader of texts) {
      let text = '';
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
        text += new TextDecoder().decode(part.value);
      }
      expect(text).toBe(
        'event: progress\ndata: "3 of 9\\nruns"\n\nevent: run\ndata: {"hash":"a"}\n\nevent: end\ndata: null\n\n',
      );
      expect((await fetch(server.url)).status).toBe(200);
    }
    await closed;
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it('refuses other addresses, methods and names of this machine', async () => {
    const { url } = await served();
    const host = new URL(url).host;
    expect(await statusOf(url, 'GET', host)).toBe(200);
    expect(await statusOf(`${url}etc`, 'GET', host)).toBe(404);
    expect(await statusOf(url, 'POST', host)).toBe(405);
    expect(await statusOf(url, 'GET', 'elsewhere.example')).toBe(403);
  });

  it('says that a port is taken', async () => {
    const { url } = await served();
    const port = Number(new URL(url).port);
    await expect(serveStudy({ port, page: () => '' })).rejects.toThrow(/EADDRINUSE/);
  });
});
