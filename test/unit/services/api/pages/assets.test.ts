import { describe, expect, it } from 'vitest';
import { readAssets } from '../../../../../services/api/pages/assets.js';

const assets = readAssets();

/** Bytes of assets as they are sent. */
function gzipped(...names: string[]): number {
  return names.reduce(
    (sum, name) => sum + (assets.byName.get(assets.hashed(name))?.gzipped.length ?? Infinity),
    0,
  );
}

describe('what a page loads, gzipped', () => {
  it.each([
    ['a payment', ['live.js', 'pay.js'], 12_000],
    ['a feed', ['live.js', 'feed.js'], 20_000],
    ['the satellite', ['live.js', 'satellite.js'], 20_000],
    ['operators and stores', ['live.js'], 30_000],
    ['every page: its style', ['style.css'], 10_000],
  ])('%s is small', (_page, names, most) => {
    expect(gzipped(...names)).toBeLessThanOrEqual(most);
  });

  it('names the scripts that it imports as the page does', () => {
    for (const name of ['pay.js', 'feed.js', 'satellite.js']) {
      const text = assets.byName.get(assets.hashed(name))?.body.toString() ?? '';
      expect(text).toContain(`from './${assets.hashed('live.js')}'`);
    }
  });

  it('is kept by its content', () => {
    expect(assets.hashed('live.js')).toMatch(/^live\.[0-9a-f]{12}\.js$/);
    expect(() => assets.hashed('nothing.js')).toThrow('there is no asset');
  });
});
