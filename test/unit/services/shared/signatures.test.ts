import fc from 'fast-check';
import { headers } from 'nats';
import { describe, expect, it } from 'vitest';
import {
  EPOCH_HEADER,
  KEY_HEADER,
  NODE_HEADER,
  SIGNATURE_HEADER,
} from '../../../../domain/names/subjects.js';
import {
  FIRST_ID_HEADER,
  MESSAGE_ID_HEADER,
  type RawMessage,
} from '../../../../services/shared/messages/raw-message.js';
import {
  newKeyPair,
  parsePublicKeys,
  parseSigningKey,
  publicTextOf,
} from '../../../../services/shared/signatures/keys.js';
import { signatureHeaders, verdictOn } from '../../../../services/shared/signatures/signature.js';
import { publicKeysOf, testKeys } from '../../../support/signers.js';

interface Parts {
  readonly subject: string;
  readonly messageId: string;
  readonly epoch: string;
  readonly node: string;
  readonly body: Uint8Array;
}

const ours = testKeys(1);
const known = publicKeysOf(ours);

function signed(parts: Parts, keys = ours): RawMessage {
  const found = headers();
  found.set(MESSAGE_ID_HEADER, parts.messageId);
  found.set(EPOCH_HEADER, parts.epoch);
  const made = signatureHeaders({ ...keys.signer, node: parts.node }, parts);
  for (const [name, value] of Object.entries(made)) found.set(name, value);
  return { subject: parts.subject, headers: found, data: parts.body };
}

/** The same message with one header replaced. */
function withHeader(
  { headers: old, ...message }: RawMessage,
  name: string,
  value: string,
): RawMessage {
  return {
    ...message,
    headers: { get: (asked) => (asked === name ? value : (old?.get(asked) ?? '')) },
  };
}

const word = fc.stringMatching(/^[!-~]{1,20}$/);
const parts = fc.record<Parts>({
  subject: word,
  messageId: word,
  epoch: fc.stringMatching(/^\d{1,18}$/),
  node: word,
  body: fc.uint8Array({ maxLength: 100 }),
});

describe('a signature', () => {
  it('verifies what was signed and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(parts, parts, async (one, other) => {
        const message = signed(one);
        expect(await verdictOn(message, known)).toBe('verified');
        const changed: [keyof Parts, RawMessage][] = [
          ['subject', { ...message, subject: other.subject }],
          ['messageId', withHeader(message, MESSAGE_ID_HEADER, other.messageId)],
          ['epoch', withHeader(message, EPOCH_HEADER, other.epoch)],
          ['node', withHeader(message, NODE_HEADER, other.node)],
          ['body', { ...message, data: other.body }],
        ];
        for (const [part, forged] of changed) {
          const same = Buffer.from(one[part]).equals(Buffer.from(other[part]));
          expect([part, await verdictOn(forged, known)]).toEqual([
            part,
            same ? 'verified' : 'forged',
          ]);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('does not let anything move from one part to the next', async () => {
    const body = Buffer.from('{}');
    const message = signed({ subject: 'ab', messageId: 'c', epoch: '1', node: 'n', body });
    const moved = withHeader({ ...message, subject: 'a' }, MESSAGE_ID_HEADER, 'bc');
    expect(await verdictOn(moved, known)).toBe('forged');
  });

  it('covers the id by which a replayed message is deduped', async () => {
    const message = signed({
      subject: 's',
      messageId: 'm/1',
      epoch: '1',
      node: 'n',
      body: Buffer.of(),
    });
    const replayed = withHeader(
      withHeader(message, FIRST_ID_HEADER, 'm/1'),
      MESSAGE_ID_HEADER,
      'replay/2',
    );
    expect(await verdictOn(replayed, known)).toBe('verified');
    const asOther = withHeader(message, FIRST_ID_HEADER, 'm/2');
    expect(await verdictOn(asOther, known)).toBe('forged');
  });

  it.each([NODE_HEADER, KEY_HEADER, SIGNATURE_HEADER, MESSAGE_ID_HEADER, EPOCH_HEADER])(
    'is missing without %s',
    async (name) => {
      const message = signed({
        subject: 's',
        messageId: 'm',
        epoch: '1',
        node: 'n',
        body: Buffer.of(),
      });
      expect(await verdictOn(withHeader(message, name, ''), known)).toBe('unsigned');
    },
  );

  it('of another key is forged, of an unknown version unknown', async () => {
    const message = {
      subject: 's',
      messageId: 'm',
      epoch: '1',
      node: 'n',
      body: Buffer.from('{}'),
    };
    expect(await verdictOn(signed(message, testKeys(1)), known)).toBe('forged');
    const next = testKeys(2);
    expect(await verdictOn(signed(message, next), known)).toBe('unknown_key');
    expect(await verdictOn(signed(message, next), publicKeysOf(ours, next))).toBe('verified');
    expect(await verdictOn(signed(message), publicKeysOf(ours, next))).toBe('verified');
  });
});

describe('keys', () => {
  it('are read as they are written', () => {
    const pair = newKeyPair(7);
    const key = parseSigningKey(pair.signing);
    expect(key && publicTextOf(key)).toBe(pair.public);
    expect([...(parsePublicKeys(`${newKeyPair(1).public}, ${pair.public}`)?.keys() ?? [])]).toEqual(
      [1, 7],
    );
  });

  it.each(['', '1', `0:${'a'.repeat(64)}`, `1:${'a'.repeat(63)}`, `x:${'a'.repeat(64)}`, '1:zz'])(
    'are refused: %j',
    (text) => {
      expect(parseSigningKey(text)).toBeUndefined();
      expect(parsePublicKeys(text)).toBeUndefined();
    },
  );

  it('of one version twice are refused', () => {
    expect(parsePublicKeys(`${newKeyPair(1).public},${newKeyPair(1).public}`)).toBeUndefined();
  });
});
