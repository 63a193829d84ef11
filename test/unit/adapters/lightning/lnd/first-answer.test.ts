import { expect, test } from 'vitest';
import type { z } from 'zod';
import type { Fields, Method } from '../../../../../adapters/lightning/lnd/codec.js';
import { LndChannel } from '../../../../../adapters/lightning/lnd/channel.js';
import { METHODS } from '../../../../../adapters/lightning/lnd/methods.js';
import { LightningError } from '../../../../../adapters/lightning/port.js';

type Step = string | Error;

/** A stream of these answers; `silence` lasts until it is aborted. */
class Scripted extends LndChannel {
  constructor(private readonly steps: readonly Step[]) {
    const credentials = {
      current: () => Promise.reject(new Error('not needed')),
      doubt: () => undefined,
    };
    super({ address: '127.0.0.1:1', timeoutMs: 5_000, serverName: 'localhost', credentials });
  }

  override async *stream<S extends z.ZodType>(
    _method: Method<S>,
    _request: Fields,
    signal: AbortSignal,
  ): AsyncGenerator<z.output<S>, void, undefined> {
    for (const step of this.steps) {
      if (step === 'silence') {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return;
      }
      if (typeof step !== 'string') throw step;
      yield step as never;
    }
  }
}

const first = (...steps: Step[]): Promise<unknown> =>
  new Scripted(steps).first(METHODS.sendPayment, {}, (answer) => said(answer) !== 'begun', {
    accept: (answer) => said(answer) === 'ended',
    withinMs: 20,
  });
const said = (answer: unknown): string => String(answer);
const broken = LightningError.unknown('the stream broke');

test.each([
  ['the better answer where it comes', ['begun', 'in flight', 'ended', 'silence'], 'ended'],
  ['the accepted one where none comes in time', ['begun', 'in flight', 'silence'], 'in flight'],
  ['the accepted one where the stream breaks', ['in flight', broken], 'in flight'],
  ['the last one where the stream ends', ['begun'], 'begun'],
] as const)('gives %s', async (_, steps, answer) => {
  expect(await first(...steps)).toBe(answer);
});

test('fails where the stream breaks before anything is accepted', async () => {
  await expect(first('begun', broken)).rejects.toBe(broken);
});
