import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chatText } from '../../../../../domain/intake/incidents/chat-text.js';
import { incidentKinds } from '../../../../../domain/intake/incidents/kinds.js';
import { mailContent } from '../../../../../domain/intake/incidents/mail-text.js';
import type { Message, ToldIncident } from '../../../../../domain/intake/incidents/message.js';

const at = fc.date({
  min: new Date('2026-01-01'),
  max: new Date('2027-12-31'),
  noInvalidDate: true,
});
/** Recognisable anywhere: what a customer wrote, with markup and mentions. */
const personal = fc
  .string({ maxLength: 12 })
  .map((text) => `Jané <!channel> & "${text}" jane@example.org +41791234567 203.0.113.9`);

const incident: fc.Arbitrary<ToldIncident> = fc.record({
  id: fc.bigInt({ min: 1n, max: 10n ** 15n }),
  kind: fc.constantFrom(...incidentKinds()),
  as: fc.constantFrom('opened', 'repeated', 'resolved', 'open', 'over'),
  verified: fc.boolean(),
  summary: personal,
  openedAt: at,
  healedAt: fc.option(at),
  orderCount: fc.nat({ max: 500 }),
  openOrders: fc.nat({ max: 500 }),
  orderIds: fc.array(fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }), { maxLength: 20 }),
});

const message: fc.Arbitrary<Message> = fc
  .record({
    what: fc.constantFrom('incidents', 'digest', 'test'),
    store: fc.record({
      id: fc.stringMatching(/^[a-z0-9-]{1,60}$/),
      name: personal,
      url: personal.map((text) => `https://shop.example/${text}`),
      zone: fc.constantFrom('Europe/Zurich', 'America/New_York', 'UTC'),
    }),
    incidents: fc.array(incident, { maxLength: 5 }),
  })
  .map((made) => (made.what === 'test' ? { ...made, incidents: [] } : made));

/** The same message of another store with other customers: only ids, kinds, numbers and times are left. */
function withoutPeople({ store, ...rest }: Message): Message {
  return {
    ...rest,
    store: { ...store, name: '', url: '' },
    incidents: rest.incidents.map((told) => ({ ...told, summary: '' })),
  };
}

describe('chat', () => {
  test('shows nothing of what people wrote, and its text has no markup of the chat', () => {
    fc.assert(
      fc.property(message, (told) => {
        const text = chatText(told);
        expect(text).toBe(chatText(withoutPeople(told)));
        expect(text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
      }),
      { numRuns: 300 },
    );
  });
});

describe('mail', () => {
  test('says the same in text and in HTML, and its HTML holds no markup from outside', () => {
    fc.assert(
      fc.property(message, (told) => {
        const { text, html, subject } = mailContent(told);
        for (const { summary } of told.incidents) expect(text).toContain(summary);
        const shown = html
          .replace(/<[^>]*>/g, ' ')
          .replaceAll('&lt;', '<')
          .replaceAll('&gt;', '>')
          .replaceAll('&quot;', '"')
          .replaceAll('&amp;', '&');
        for (const { summary } of told.incidents) expect(shown).toContain(summary);
        expect(html).not.toContain('<!channel>');
        expect(subject).not.toMatch(/[\r\n]|Jané/);
      }),
      { numRuns: 300 },
    );
  });
});
