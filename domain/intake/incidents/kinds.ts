/** `info` is told in the daily digest only. */
export type Severity = 'alert' | 'info';

/** What can be wrong with a store. Titles and advice name no person and no order: chat shows them. */
export interface KindRule {
  readonly title: string;
  readonly advice: string;
  /** The first notice waits for further orders, so that one burst is one message. */
  readonly groups?: true;
}

export const INCIDENT_KINDS = {
  created_missing: {
    title: 'Orders were updated but never announced as created',
    advice: 'The orders were taken in. Deliveries of the webhook order.created get lost.',
    groups: true,
  },
  order_stuck: {
    title: 'Orders take longer than usual in their status',
    advice: 'The store confirms their status. Look at them in the store.',
    groups: true,
  },
  orders_lost: {
    title: 'Orders were placed that no webhook told of',
    advice: 'Those that the store could be asked for were taken in from there.',
    groups: true,
  },
  webhook_off: {
    title: 'A webhook of the store is switched off, changed or missing',
    advice: 'Set it to active in WooCommerce > Settings > Advanced > Webhooks.',
  },
  silence: {
    title: 'The store has sent nothing for longer than usual',
    advice: 'Look whether its site and its scheduled actions run.',
  },
  bad_signature: {
    title: 'Deliveries have a wrong signature',
    advice: 'Compare the secret of the webhook with the one stored here. The bodies are kept.',
  },
  store_errors: {
    title: 'The store sends errors in place of orders',
    advice: 'The user who owns the webhook may have lost the right to read orders.',
  },
  slip_missing: {
    title: 'Registration slips were not sent',
    advice: 'Look at the mail server, and at what participants the orders name.',
    groups: true,
  },
  store_unreachable: {
    title: 'The API of the store does not answer',
    advice: 'Until it does, findings cannot be verified.',
  },
  mass_stall: {
    title: 'Many orders stall at the same time',
    advice: 'Usually one cause: a payment gateway, or whoever handles orders is away.',
  },
  channel_failing: {
    title: 'A channel for notices fails',
    advice: 'Send a test message to it once it is mended.',
  },
} as const satisfies Record<string, KindRule>;

export type IncidentKind = keyof typeof INCIDENT_KINDS;

export function kindRule(kind: IncidentKind): KindRule {
  return INCIDENT_KINDS[kind];
}

export function incidentKinds(): IncidentKind[] {
  // Object.keys forgets the type of a record's keys.
  return Object.keys(INCIDENT_KINDS) as IncidentKind[];
}
