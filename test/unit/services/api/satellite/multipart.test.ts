import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundaryOf, parseMultipart } from '../../../../../services/api/satellite/multipart.js';

const BOUNDARY = 'xx';
const content = fc
  .oneof(
    fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom('', '\r\n', '--x', 'a--xx', '\r\n-', 'a\r\n\r\nb')
      .map((text) => Buffer.from(text)),
  )
  .filter((bytes) => !Buffer.concat([Buffer.from('\r\n'), bytes]).includes(`\r\n--${BOUNDARY}`));
const name = fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n\0]/.test(text));
const parts = fc.array(fc.record({ name, isFile: fc.boolean(), content }), { maxLength: 5 });

function written(list: readonly { name: string; isFile: boolean; content: Buffer }[]): Buffer {
  const quoted = (text: string): string => `"${text.replaceAll(/(["\\])/g, '\\$1')}"`;
  return Buffer.concat([
    ...list.flatMap((part) => [
      Buffer.from(
        `--${BOUNDARY}\r\nContent-Disposition: form-data; name=${quoted(part.name)}${part.isFile ? '; filename="f"' : ''}\r\n\r\n`,
      ),
      part.content,
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${BOUNDARY}--\r\n`),
  ]);
}

describe('a multipart body', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(parts, (list) => {
        expect(parseMultipart(written(list), BOUNDARY)).toEqual(list);
      }),
    );
  });

  it('that is cut before its closing boundary is broken', () => {
    fc.assert(
      fc.property(parts, fc.nat(), (list, at) => {
        const whole = written(list);
        const end = whole.length - '--\r\n'.length;
        expect(parseMultipart(whole.subarray(0, at % (end + 1)), BOUNDARY)).toBeUndefined();
      }),
    );
  });

  it('of arbitrary bytes is read or broken, in no time', () => {
    const piece = fc.constantFrom(
      '--xx',
      '--xx--',
      '\r\n',
      '\n',
      'Content-Disposition: form-data',
      '; name="',
      '"',
      '; filename=',
      ':',
      'a',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const read = parseMultipart(Buffer.from(pieces.join('')), BOUNDARY);
        expect(read === undefined || Array.isArray(read)).toBe(true);
      }),
    );
  });
});

it.each([
  ['multipart/form-data; boundary=xx', 'xx'],
  ['multipart/form-data; charset=utf-8; boundary="a b"', 'a b'],
  ['multipart/form-data', undefined],
  ['multipart/form-data; boundary=', undefined],
  [`multipart/form-data; boundary=${'b'.repeat(201)}`, undefined],
])('the boundary of %j is %j', (type, boundary) => {
  expect(boundaryOf(type)).toBe(boundary);
});
