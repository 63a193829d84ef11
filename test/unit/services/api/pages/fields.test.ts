import { expect, test } from 'vitest';
import { argsOf, type Field } from '../../../../../services/api/pages/forms/fields.js';
import { Form } from '../../../../../services/api/pages/http/form.js';

const valueOf = (kind: Field['kind'], typed?: string): unknown =>
  argsOf(
    [{ name: 'a', label: 'A', kind }],
    new Form(new URLSearchParams(typed === undefined ? [] : [['a', typed]])),
  )['a'];

test.each<[Field['kind'], string, unknown]>([
  ['time', '2026-12-01T10:30', '2026-12-01T10:30:00Z'],
  ['time', 'tomorrow', 'tomorrow'],
  ['line', '  a title ', 'a title'],
  ['text', 'two\r\nlines ', 'two\nlines '],
  ['sats', ' 21 ', 21],
  ['sats', '2.5', Number.NaN],
  ['sats', '-1', Number.NaN],
  ['version', '3', 3],
  ['lines', 'one\r\n\n two ', ['one', 'two']],
  ['names', '~bitcoin, ~nostr  tech', ['bitcoin', 'nostr', 'tech']],
  ['choices', 'poll', ['poll']],
  ['check', 'on', true],
])('a %s typed as %j', (kind, typed, value) => {
  expect(valueOf(kind, typed)).toEqual(value);
});

test.each<[Field['kind'], unknown]>([
  ['check', false],
  ['choices', []],
  ['time', undefined],
  ['sats', undefined],
  ['lines', undefined],
  ['names', undefined],
  ['text', undefined],
  ['line', undefined],
])('a %s of which nothing was sent', (kind, value) => {
  expect(valueOf(kind)).toEqual(value);
});
