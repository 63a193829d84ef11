import type {
  AttemptStory,
  ClaimStory,
  EntryStory,
  InvoiceStory,
  OutgoingStory,
  OutgoingView,
  LegStory,
  NodeView,
  OpenRow,
  PaymentStory,
} from '../../../engine/operator/payment/story.js';
import { table } from '../table.js';

/** The story of a payment for somebody in a hurry: its state first, then what is open, then money, then times. */
export function storyLines(story: PaymentStory, now: Date): string[] {
  const newest = story.attempts.at(-1);
  const before = story.attempts.slice(0, -1).reverse();
  return [
    ...headLines(story, newest, now),
    ...section(
      'still to be done',
      story.outbox.map((row) => openLine(row, now)),
    ),
    ...(newest === undefined ? [] : attemptLines(newest, story.height)),
    ...before.flatMap((attempt) => attemptLines(attempt, story.height)),
    ...section('owed', story.claims.map(claimLine)),
    ...section('ledger', story.ledger.flatMap(entryLines)),
  ];
}

function headLines(story: PaymentStory, newest: AttemptStory | undefined, now: Date): string[] {
  const { kind, id, state, about, actor, openedBy, costMsat, createdAt } = story;
  const how = openedBy === null ? '' : `, came in by ${openedBy}`;
  const reason = newest?.reason ?? null;
  return [
    `${state}${reason === null ? '' : ` (${reason})`}  ${kind} ${id}`,
    `${about}, ${sats(costMsat)}, by ${actor ?? 'somebody without an account'}, opened ${time(createdAt)}${how}`,
    ...(newest === undefined ? [] : dueLines(newest, now)),
  ];
}

function dueLines(
  { dueAt, deadlineAt, sweeps, sweptAt, typeFailures }: AttemptStory,
  now: Date,
): string[] {
  return [
    ...(dueAt === null ? [] : [`due ${time(dueAt)} (${relative(dueAt, now)})`]),
    ...(deadlineAt === null ? [] : [`deadline ${time(deadlineAt)} (${relative(deadlineAt, now)})`]),
    ...(sweeps === 0 || sweptAt === null
      ? []
      : [`the sweep has acted ${sweeps} times since it was due, last ${time(sweptAt)}`]),
    ...(typeFailures === 0 ? [] : [`its type failed ${typeFailures} times`]),
  ];
}

function attemptLines(attempt: AttemptStory, height: number | null): string[] {
  const { workflowId, flow, state, reason, transitions, legs, invoices } = attempt;
  const { payments, walletTries } = attempt;
  const name = attempt.attempt === null ? 'order' : `attempt ${attempt.attempt}`;
  const how = flow === null ? '' : `, ${flow}`;
  return [
    '',
    `${name}: ${state}${reason === null ? '' : ` (${reason})`}${how}`,
    `  workflow ${workflowId}`,
    ...indent(legs.length === 0 ? [] : legTable(legs)),
    ...indent(invoices.flatMap((invoice) => invoiceLines(invoice, height))),
    ...indent(
      walletTries.map(({ wallet, failure, at }) => `${time(at)} wallet ${wallet}: ${failure}`),
    ),
    ...indent(payments.flatMap((payment) => outgoingLines(payment, height))),
    ...indent(
      table([
        ['at', 'state', 'event', 'why'],
        ...transitions.map(({ at, toState, event, reason: why }) => [
          ...[time(at), toState, event, printable(why ?? '')],
        ]),
      ]).split('\n'),
    ),
  ];
}

function legTable(legs: readonly LegStory[]): string[] {
  const rows = legs.map(({ side, kind, asset, holder, plannedMsat, actualMsat }) => [
    ...[side, kind, asset, holder ?? ''],
    plannedMsat === null ? 'not planned' : sats(plannedMsat),
    actualMsat === null ? 'not moved' : sats(actualMsat),
  ]);
  return table([['money', 'kind', 'asset', 'account', 'planned', 'moved'], ...rows]).split('\n');
}

function invoiceLines(invoice: InvoiceStory, height: number | null): string[] {
  const { hash, kind, state, bolt11, amountMsat, receivedMsat, expiresAt, node } = invoice;
  const { acceptHeight, expiryHeight } = invoice;
  return [
    `${kind} invoice ${state}: ${sats(amountMsat)}, received ${sats(receivedMsat)}`,
    `  the node: ${nodeText(node)}`,
    `  ${hash}${expiresAt === null ? '' : `, expires ${time(expiresAt)}`}`,
    `  ${bolt11 ?? 'not created yet'}`,
    ...(expiryHeight === null
      ? []
      : [`  held since height ${acceptHeight ?? '?'}, ${until(expiryHeight, height)}`]),
  ];
}

/** Blocks left, where the node says how high the chain is. */
function until(end: number, height: number | null): string {
  return `until height ${end}${height === null ? '' : ` (${end - height} blocks left)`}`;
}

function outgoingLines(payment: OutgoingStory, height: number | null): string[] {
  const { hash, wallet, state, amountMsat, maxFeeMsat, feeMsat, maxHeight, failure } = payment;
  const fee = feeMsat === null ? `fee up to ${sats(maxFeeMsat)}` : `fee ${sats(feeMsat)}`;
  const end = maxHeight === null ? '' : `, ${until(maxHeight, height)}`;
  return [
    `pays ${sats(amountMsat)}${wallet === null ? '' : ` to wallet ${wallet}`}: ${failure ?? state}, ${fee}${end}`,
    `  the node: ${outgoingText(payment.node, height)}`,
    ...(payment.atPayee === 'not_said'
      ? []
      : [`  its wallet: ${payment.atPayee === 'received' ? 'received' : 'has not received it'}`]),
    `  ${hash}`,
    ...payment.sends.map(
      ({ n, lease, process, sentAt, answer }) =>
        `  ${time(sentAt)} send ${n} by ${process}, lease ${lease}: ${answer ?? 'NOT ANSWERED'}`,
    ),
  ];
}

function outgoingText(view: OutgoingView, height: number | null): string {
  switch (view.answer) {
    case 'known':
      return `${view.state}${view.expiryHeight === null ? '' : `, ${until(view.expiryHeight, height)}`}`;
    case 'unknown_hash':
      return 'does not know this hash';
    case 'none':
      return `DID NOT ANSWER: ${printable(view.error)}`;
    case 'not_asked':
      return 'not asked: there are newer payments';
  }
}

function nodeText(view: NodeView): string {
  switch (view.answer) {
    case 'known':
      return `${view.state}, received ${sats(view.receivedMsat)}`;
    case 'unknown_hash':
      return 'does not know this hash';
    case 'none':
      return `DID NOT ANSWER: ${printable(view.error)}`;
    case 'not_asked':
      return 'not asked: there are newer invoices';
  }
}

function openLine({ kind, subject, since, tries, lastError }: OpenRow, now: Date): string {
  const error = lastError === null ? '' : `: ${printable(lastError)}`;
  return `${kind} ${subject}, since ${time(since)} (${relative(since, now)}), ${tries} tries${error}`;
}

function claimLine({ amountMsat, state, collectedBy, openedAt, changedAt }: ClaimStory): string {
  const by = collectedBy === null ? '' : ` by ${collectedBy} ${time(changedAt)}`;
  return `${sats(amountMsat)} ${state}${by}, since ${time(openedAt)}`;
}

function entryLines({ key, at, postings }: EntryStory): string[] {
  return [
    `${time(at)}  ${key}`,
    ...indent(
      postings.map(
        ({ holder, asset, amountMsat }) =>
          `${amountMsat > 0n ? '+' : ''}${sats(amountMsat)} ${asset} ${holder}`,
      ),
    ),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...indent(lines)];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

/** Exact: thousandths only where there are any. */
function sats(msat: bigint): string {
  const sign = msat < 0n ? '-' : '';
  const size = msat < 0n ? -msat : msat;
  const rest = size % 1000n;
  const decimals = rest === 0n ? '' : `.${rest.toString().padStart(3, '0')}`;
  return `${sign}${size / 1000n}${decimals} sat`;
}

function time(at: Date): string {
  return at.toISOString();
}

function relative(at: Date, now: Date): string {
  const seconds = Math.round((at.getTime() - now.getTime()) / 1000);
  return seconds < 0 ? `${-seconds} s ago` : `in ${seconds} s`;
}

/** Control characters would reach the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
