import protobuf from 'protobufjs';
import { z } from 'zod';

/** What a macaroon's first part holds. Source: lnd v0.21.2-beta, macaroons; macaroon-bakery's id.proto. */
const { root } = protobuf.parse(
  `syntax = "proto3";
   message MacaroonId { bytes nonce = 1; bytes storage_id = 2; repeated Op ops = 3; }
   message Op { string entity = 1; repeated string actions = 2; }`,
  { keepCase: true },
);
const MACAROON_ID = root.lookupType('MacaroonId');
const idSchema = z.object({
  ops: z.array(z.object({ entity: z.string(), actions: z.array(z.string()) })),
});

/** Of a macaroon in version 2 (libmacaroons' doc/format.txt), and of the bakery's identifiers. */
const FORMAT = 2;
const LOCATION = 1;
const IDENTIFIER = 2;
const BAKERY_ID = 3;

export interface Right {
  readonly entity: string;
  readonly action: string;
}

/** What it permits, without its caveats, which only take away. Undefined where it cannot be read. */
export function rightsOf(macaroon: Buffer): readonly Right[] | undefined {
  try {
    const identifier = identifierOf(macaroon);
    if (identifier?.[0] !== BAKERY_ID) return undefined;
    const message = MACAROON_ID.decode(identifier.subarray(1));
    const { ops } = idSchema.parse(MACAROON_ID.toObject(message, { defaults: true }));
    return ops.flatMap(({ entity, actions }) => actions.map((action) => ({ entity, action })));
  } catch {
    return undefined;
  }
}

function identifierOf(macaroon: Buffer): Buffer | undefined {
  if (macaroon[0] !== FORMAT) return undefined;
  const reader = protobuf.Reader.create(macaroon.subarray(1));
  let type = reader.uint32();
  if (type === LOCATION) {
    reader.bytes();
    type = reader.uint32();
  }
  return type === IDENTIFIER ? Buffer.from(reader.bytes()) : undefined;
}

/** Of those that change something: invoices cannot spend, nor can addresses. */
const HARMLESS_WRITES = new Set(['invoices', 'address']);
const HARMLESS_METHODS = new Set([
  ...['/lnrpc.Lightning/AddInvoice', '/lnrpc.Lightning/LookupInvoice'],
  ...['/lnrpc.Lightning/ListInvoices', '/lnrpc.Lightning/SubscribeInvoices'],
  ...['/lnrpc.Lightning/GetInfo', '/lnrpc.Lightning/DecodePayReq', '/lnrpc.State/GetState'],
  ...['/invoicesrpc.Invoices/AddHoldInvoice', '/invoicesrpc.Invoices/CancelInvoice'],
  ...['/invoicesrpc.Invoices/SettleInvoice', '/invoicesrpc.Invoices/LookupInvoiceV2'],
  '/invoicesrpc.Invoices/SubscribeSingleInvoice',
]);

/** Whether nothing of it can move money away, or make another macaroon that can. */
export function onlyReceives(rights: readonly Right[]): boolean {
  return rights.every(({ entity, action }) => {
    if (entity === 'uri') return HARMLESS_METHODS.has(action);
    return action === 'read' || (action === 'write' && HARMLESS_WRITES.has(entity));
  });
}
