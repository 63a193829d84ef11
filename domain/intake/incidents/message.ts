import type { NoticeKind } from './policy.js';
import type { IncidentKind } from './kinds.js';

/** Of the digest: what is open, and what is over since the digest before. */
export type ToldAs = NoticeKind | 'open' | 'over';

/** An incident as of when it was decided to tell of it. */
export interface ToldIncident {
  readonly id: bigint;
  readonly kind: IncidentKind;
  readonly as: ToldAs;
  readonly verified: boolean;
  /** For mail only: chat does not show free text. */
  readonly summary: string;
  readonly openedAt: Date;
  readonly healedAt: Date | null;
  /** The number of its orders, how many of them are not well yet, and the first of them. */
  readonly orderCount: number;
  readonly openOrders: number;
  readonly orderIds: readonly bigint[];
}

export interface StoreName {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly zone: string;
}

/** What one message says. */
export interface Message {
  readonly what: 'incidents' | 'digest' | 'test';
  readonly store: StoreName;
  readonly incidents: readonly ToldIncident[];
}

const HEADINGS: Readonly<Record<ToldAs, string>> = {
  opened: 'New',
  repeated: 'Still open',
  resolved: 'Resolved',
  open: 'Open',
  over: 'Over since the last digest',
};

/** The most urgent first. */
const ORDER: readonly ToldAs[] = ['opened', 'repeated', 'open', 'resolved', 'over'];

export interface Section {
  readonly heading: string;
  readonly as: ToldAs;
  readonly incidents: readonly ToldIncident[];
}

export function sectionsOf({ incidents }: Message): Section[] {
  return ORDER.map((as) => ({
    ...{ heading: HEADINGS[as], as },
    incidents: incidents.filter((incident) => incident.as === as),
  })).filter(({ incidents: some }) => some.length > 0);
}

/** One line that says what the message is about; no order and no free text. */
export function headlineOf(message: Message, titleOf: (kind: IncidentKind) => string): string {
  const { store, incidents, what } = message;
  if (what === 'test') return `[${store.id}] Test message`;
  if (what === 'digest') {
    const open = incidents.filter(({ as }) => as === 'open').length;
    return `[${store.id}] Daily digest: ${open} open, ${incidents.length - open} over`;
  }
  const [first] = sectionsOf(message);
  const [incident] = first?.incidents ?? [];
  if (first === undefined || incident === undefined) return `[${store.id}] Nothing to tell`;
  const more = incidents.length === 1 ? '' : ` (and ${incidents.length - 1} more)`;
  return `[${store.id}] ${first.heading}: ${titleOf(incident.kind)}${more}`;
}

/** Like `12 orders: 101, 102, 103 and 9 more`; empty without orders. */
export function ordersText({ orderIds, orderCount, openOrders, as }: ToldIncident): string {
  if (orderCount === 0) return '';
  const more = orderCount > orderIds.length ? ` and ${orderCount - orderIds.length} more` : '';
  const healed = orderCount - openOrders;
  const well = healed > 0 && as !== 'resolved' && as !== 'over' ? `, ${healed} of them healed` : '';
  return `${orderCount} ${orderCount === 1 ? 'order' : 'orders'}: ${orderIds.join(', ')}${more}${well}`;
}

/** In the store's zone, whatever the process's. */
export function localTime(at: Date, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: zone, dateStyle: 'medium', timeStyle: 'short' },
  }).format(at);
}
