import { z } from 'zod';

const MAX_RELAYS = 10;

const hex64 = /^[0-9a-f]{64}$/;
const tag = z.array(z.string().max(1_000)).min(1).max(50);

/** An event of nostr as it came, before its signature was checked. */
export const nostrEvent = z.object({
  id: z.string().regex(hex64),
  pubkey: z.string().regex(hex64),
  created_at: z.int().min(0),
  kind: z.int(),
  tags: z.array(tag).max(100),
  content: z.string().max(1_000),
  sig: z.string().regex(/^[0-9a-f]{128}$/),
});
type ReceivedEvent = z.output<typeof nostrEvent>;

const ZAP_REQUEST = 9734;
export const ZAP_RECEIPT = 9735;

/**
 * Why an event is no zap request of this amount; undefined where it is one. Its signature is checked elsewhere. Source: NIP-57,
 * appendix D.
 */
export function zapRequestProblem(event: ReceivedEvent, amountMsat: bigint): string | undefined {
  const tags = (name: string): readonly string[][] => event.tags.filter(([key]) => key === name);
  const pubkeys = tags('p');
  if (event.kind !== ZAP_REQUEST) return `it must be of kind ${ZAP_REQUEST}`;
  if (pubkeys.length !== 1 || !hex64.test(pubkeys[0]?.[1] ?? '')) return 'it must have one tag p';
  if (tags('e').length > 1) return 'it may have one tag e';
  if (tags('a').length > 1) return 'it may have one tag a';
  const [amount, ...more] = tags('amount');
  if (more.length > 0 || (amount !== undefined && amount[1] !== amountMsat.toString())) {
    return 'its amount must be that of the payment';
  }
  return relaysOf(event).length === 0 ? 'it must name relays, wss://' : undefined;
}

/** Where its receipt is to be published: each once, at most ten. */
export function relaysOf({ tags }: Pick<ReceivedEvent, 'tags'>): readonly string[] {
  const [, ...named] = tags.find(([key]) => key === 'relays') ?? [];
  const urls = named.flatMap((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    return url?.protocol === 'wss:' && url.username === '' && url.password === '' ? [url.href] : [];
  });
  return [...new Set(urls)].slice(0, MAX_RELAYS);
}

/** The tags of the receipt of a request. Source: NIP-57, appendix E. */
export function receiptTags(
  request: ReceivedEvent,
  { requestText, bolt11 }: { readonly requestText: string; readonly bolt11: string },
): readonly (readonly string[])[] {
  const copied = request.tags.filter(([key]) => key === 'p' || key === 'e' || key === 'a');
  return [...copied, ['P', request.pubkey], ['bolt11', bolt11], ['description', requestText]];
}
