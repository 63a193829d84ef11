import { describe, expect, it, vi } from 'vitest';
import {
  climb,
  NotHere,
  ServerNotFound,
} from '../../../../../services/cli/servers/resolve-server.js';
import { SOURCES } from '../../../../../services/cli/servers/types.js';

const has = (what: string) => vi.fn(() => Promise.resolve(what));
const hasNot = (why: string) => vi.fn(() => Promise.reject(new NotHere(why)));
const server = 'NATS server';
const advice = 'install one.';

describe('the ladder', () => {
  it('takes the first that has it, and asks nobody after that', async () => {
    const [environment, path, built] = [hasNot('NATS_URL is not set'), has('a'), has('b')];
    const steps = { built, path, environment };
    expect(await climb({ server, advice, steps }, SOURCES)).toEqual({ source: 'path', found: 'a' });
    expect(built).not.toHaveBeenCalled();
  });

  it('leaves out what is not allowed', async () => {
    const path = has('a');
    const steps = { path, built: has('b') };
    const climbed = await climb({ server, advice, steps }, ['built', 'download']);
    expect(climbed).toEqual({ source: 'built', found: 'b' });
    expect(path).not.toHaveBeenCalled();
  });

  it('tells every step, its reason, and what to do', async () => {
    const steps = {
      environment: hasNot('NATS_URL is not set'),
      path: hasNot('/usr/bin/nats-server is 2.9.10, older than 2.10'),
      built: hasNot('go build failed:\nfirst line\nsecond line'),
      download: has('never asked'),
    };
    const climbed = climb({ server, advice, steps }, ['environment', 'path', 'built']);
    await expect(climbed).rejects.toThrow(ServerNotFound);
    await expect(climbed).rejects.toHaveProperty('next', advice);
    await expect(climbed).rejects.toThrow(
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

  it('ends at an error that is no answer: what was asked for cannot be used', async () => {
    const path = has('a');
    const environment = (): Promise<string> => Promise.reject(new Error('connection refused'));
    const climbed = climb({ server, advice, steps: { environment, path } }, SOURCES);
    await expect(climbed).rejects.toThrow('connection refused');
    expect(path).not.toHaveBeenCalled();
  });
});
