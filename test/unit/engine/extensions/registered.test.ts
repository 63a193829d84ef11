import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeRefusal, Refusal, REFUSAL_CODES } from '../../../../domain/refusal.js';
import { satsToMsat } from '../../../../domain/money.js';
import type { AnyType } from '../../../../engine/actions/types/index.js';
import { typeToOpen } from '../../../../engine/actions/types/index.js';
import type { Extension } from '../../../../engine/extensions/extension.js';
import {
  extensionChecks,
  extensionCodes,
  registerExtension,
} from '../../../../engine/extensions/registered.js';

const type = (name: string, tables: string[] = []): AnyType => ({
  ...{ name, version: 1, args: z.unknown(), anonymous: false },
  ...{ paymentMethods: ['credits'], tables },
  quote: () => Promise.resolve({ costMsat: satsToMsat(1n) }),
});
const extension = (more: Partial<Extension> = {}): Extension => ({
  name: 'other_jar',
  types: [type('OTHER_JAR')],
  ...more,
});
const migrations = new URL('file:///nowhere/');

describe('what an extension must not be', () => {
  it.each<[string, Partial<Extension>, RegExp]>([
    ['a name in upper case', { name: 'Other' }, /not a name like tip_jar/],
    ['a type in lower case', { types: [type('other')] }, /not a name like TIP_JAR/],
    ['a type that is taken', { types: [type('ZAP')] }, /there is a type ZAP already/],
    ['a table of ours', { types: [type('A_JAR', ['zaps'])], migrations }, /not in the schema/],
    [
      'a table that is not a name',
      { types: [type('A_JAR', ['ext_other_jar.a; drop table zaps'])], migrations },
      /not in the schema/,
    ],
    ['no migrations', { types: [type('A_JAR', ['ext_other_jar.a'])] }, /no migrations/],
    ['a refusal that is a failure', { refusals: { broken: [500, 'x'] } }, /4xx/],
    ['a refusal that is no word', { refusals: { 'a/b': [409, 'x'] } }, /not a word/],
  ])('%s', (_what, more, why) => {
    expect(() => registerExtension(extension(more))).toThrow(why);
    expect(extensionCodes()).toEqual([]);
  });
});

it('what it declares is known afterwards, once', () => {
  const table = 'ext_other_jar.rows';
  const whole = extension({
    types: [type('OTHER_JAR', [table])],
    migrations,
    refusals: { full: [409, 'The jar is full'] },
  });
  registerExtension(whole);
  expect(typeToOpen('OTHER_JAR').tables).toEqual([table]);
  expect(extensionCodes()).toEqual(['other_jar/full']);
  expect(REFUSAL_CODES).toContain('other_jar/full');
  expect(new Refusal('other_jar/full', 'now')).toMatchObject({
    status: 409,
    title: 'The jar is full',
  });
  expect(extensionChecks().map(({ name }) => name)).toEqual([
    `rows of ${table} are PAID exactly where their action is`,
  ]);
  expect(() => registerExtension(whole)).toThrow(/already/);
});

it('a code that nobody has declared is an error of the program', () => {
  expect(() => describeRefusal('other_jar/none')).toThrow('nobody has declared');
});
