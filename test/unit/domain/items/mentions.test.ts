import { describe, expect, it } from 'vitest';
import { linkedItems, MAX_MENTIONS, mentionedNames } from '../../../../domain/items/mentions.js';

describe('names in a text', () => {
  it.each([
    ['hello @alice', ['alice']],
    ['@Alice, @bob/about and (@carol)', ['alice', 'bob', 'carol']],
    ['@alice @alice', ['alice']],
    ['mail a@bob.example', []],
    ['`@alice` and\n```\n@bob\n``` and @carol', ['carol']],
    ['[@alice](https://x.example/@bob) https://x.example/@carol', []],
    ['@_nobody @' + 'x'.repeat(33), []],
  ])('%j mentions %j', (text, names) => {
    expect(mentionedNames(text)).toEqual(names);
  });

  it('are bounded, in time too', () => {
    const many = Array.from({ length: 1_000 }, (_, n) => `@u${n}`).join(' ');
    expect(mentionedNames(many)).toHaveLength(MAX_MENTIONS);
    const before = performance.now();
    for (const part of ['[', '](', '`', '```', '@', '/items/1', 'https://', '[a](', '~~~']) {
      mentionedNames(part.repeat(100_000 / part.length));
      linkedItems(part.repeat(100_000 / part.length), 'https://site.example');
    }
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});

describe('items in a text', () => {
  it.each([
    ['see /items/12', ['12']],
    ['https://site.example/items/12?commentId=34 and /items/34', ['34']],
    ['https://other.example/items/12', []],
    ['as in https://site.example/items/12.', ['12']],
    ['/items/12x', []],
    ['[here](/items/12) [there](https://site.example/items/13#x)', ['13', '12']],
    ['`/items/12` x/items/13 /items/0', []],
    ['/items/12345678901234567890', []],
  ])('%j links to %j', (text, ids) => {
    expect(linkedItems(text, 'https://site.example')).toEqual(ids);
  });
});
