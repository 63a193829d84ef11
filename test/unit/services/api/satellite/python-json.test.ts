import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pythonJson } from '../../../../../services/api/satellite/python-json.js';

describe('pythonJson', () => {
  it('writes separators, floats and escapes as Python does', () => {
    const value = { bid: 19, bid_per_byte: 19, regions: [0, 1], at: null, text: 'é"\n😀\u007f' };
    expect(pythonJson(value)).toBe(
      '{"bid": 19, "bid_per_byte": 19.0, "regions": [0, 1], "at": null, "text": "\\u00e9\\"\\n\\ud83d\\ude00\\u007f"}',
    );
  });

  it('parses to the same value as JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(pythonJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
