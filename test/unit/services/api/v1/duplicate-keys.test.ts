import fc from 'fast-check';
import { expect, it } from 'vitest';
import { duplicateKeyIn } from '../../../../../services/api/v1/duplicate-keys.js';

const key = fc.oneof(fc.constantFrom('a', 'b', '"', '\\', ':', '{', '__proto__'), fc.string());

it('finds none in what was written from objects, however deep', () => {
  const value = fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' });
  fc.assert(
    fc.property(value, fc.nat(2), (json, indent) => {
      expect(duplicateKeyIn(JSON.stringify(json, null, indent))).toBeUndefined();
    }),
  );
});

it('finds one wherever an object has it, in any spelling', () => {
  const escaped = (text: string): string =>
    `"${Array.from({ length: text.length }, (_, n) => `\\u${text.charCodeAt(n).toString(16).padStart(4, '0')}`).join('')}"`;
  const members = fc.uniqueArray(key, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(members, fc.jsonValue(), fc.boolean(), (keys, value, spelt) => {
      const [twice = ''] = keys;
      const again = spelt ? escaped(twice) : JSON.stringify(twice);
      const all = [...keys.map((one) => JSON.stringify(one)), again];
      const object = `{${all.map((one) => `${one}: ${JSON.stringify(value)}`).join(', ')}}`;
      expect(duplicateKeyIn(`[{"x": ${object}}, 1]`)).toBe(JSON.parse(JSON.stringify(twice)));
    }),
  );
});
