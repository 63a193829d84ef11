import { describe, expect, it } from 'vitest';
import { CHANNELS, channelNumbered } from '../../../../domain/transmissions/channels.js';
import { channelsWith } from '../../../../domain/transmissions/settings.js';

describe('channels of an installation', () => {
  it('are the peer’s with what is changed', () => {
    const channels = channelsWith('1.rate=2000, 4.timeout=0.5,5.size=100,1.may=get+post,3.may=');
    expect(channelNumbered(1, channels)).toEqual({
      ...channelNumbered(1),
      rate: 2000,
      userMay: ['get', 'post'],
    });
    expect(channelNumbered(4, channels)?.confirmTimeoutSeconds).toBe(0.5);
    expect(channelNumbered(5, channels)?.maxMessageBytes).toBe(100);
    expect(channels?.map(({ number }) => number)).toEqual(CHANNELS.map(({ number }) => number));
  });

  it.each([
    '',
    '2.rate=1',
    '1.rate=0',
    '1.rate=x',
    '1.rate=1.5',
    '1.may=all',
    '1.name=x',
    '1.size=',
  ])('%j is refused', (text) => expect(channelsWith(text)).toBeUndefined());
});
