import { describe, expect, it, vi } from 'vitest';
import {
  NotAvailable,
  resolveServer,
  ServerNotFound,
} from '../../../../../services/cli/servers/resolve-server.js';
import { SOURCES } from '../../../../../services/cli/servers/types.js';

const has = (what: string) => vi.fn(() => Promise.resolve(what));
const hasNot = (why: string) => vi.fn(() => Promise.reject(new NotAvailable(why)));
const server = 'NATS server';
const advice = 'install one.';

describe('resolving a server', () => {
  it('takes the first source that has it and tries no other after that', async () => {
    const [environment, path, built] = [hasNot('NATS_URL is not set'), has('a'), has('b')];
    const sources = { built, path, environment };
    expect(await resolveServer({ server, advice, sources }, SOURCES)).toEqual({
      source: 'path',
      found: 'a',
    });
    expect(built).not.toHaveBeenCalled();
  });

  it('leaves out sources that are not allowed', async () => {
    const path = has('a');
    const sources = { path, built: has('b') };
    const resolved = await resolveServer({ server, advice, sources }, ['built', 'download']);
    expect(resolved).toEqual({ source: 'built', found: 'b' });
    expect(path).not.toHaveBeenCalled();
  });

  it('reports every source, its reason, and what to do', async () => {
    const sources = {
      environment: hasNot('NATS_URL is not set'),
      path: hasNot('/usr/bin/nats-server is 2.9.10, older than 2.10'),
      built: hasNot('go build failed:\nfirst line\nsecond line'),
      download: has('never tried'),
    };
    const resolved = resolveServer({ server, advice, sources }, ['environment', 'path', 'built']);
    await expect(resolved).rejects.toThrow(ServerNotFound);
    await expect(resolved).rejects.toHaveProperty('next', advice);
    await expect(resolved).rejects.toThrow(
      [
        'No NATS server to run. Tried:',
        '    environment: NATS_URL is not set',
        '    path: /usr/bin/nats-server is 2.9.10, older than 2.10',
        '    built: go build failed:',
        '      first line',
        '      second line',
        '    download: left out by QUITTANCE_SERVERS',
      ].join('\n'),
    );
  });

  it('ends at any other error: what is configured cannot be used', async () => {
    const path = has('a');
    const environment = (): Promise<string> => Promise.reject(new Error('connection refused'));
    const resolved = resolveServer({ server, advice, sources: { environment, path } }, SOURCES);
    await expect(resolved).rejects.toThrow('connection refused');
    expect(path).not.toHaveBeenCalled();
  });
});
