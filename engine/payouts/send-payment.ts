import {
  LightningError,
  type OutgoingPayment,
  type PaymentHash,
} from '../../adapters/lightning/port.js';
import {
  answersOnlySend,
  isAnyUnanswered,
  nextSendStep,
  type Send,
} from '../../domain/payouts/sends.js';
import type { EngineContext } from '../context.js';
import { failpoint } from '../failpoint.js';
import { type PaymentUpdate, successOf } from './payment-update.js';
import { hasLostOthers, seenToSucceed } from './deleted.js';
import { forgetAlarm, noteForgotten } from './forgotten.js';
import { beginSend, type HeldPayment, recordAnswer, takeLease, takeLeaseToSend } from './sends.js';

/** The node looks for routes no longer than this. */
const GIVE_UP_SECONDS = 30;
/** The answer of a send that was not made, as of one whose node was not reached. */
const UNAVAILABLE = 'unavailable';

type Node = Pick<EngineContext, 'pool' | 'node'>;

/**
 * Sends a payment, or asks what has become of it, by the rules of sends; what is known for ever is returned. Undefined where it is not to be
 * sent any more. Throws LightningError while its end is not known: call it again.
 */
export async function sendOrAsk(
  engine: Node,
  hash: PaymentHash,
): Promise<PaymentUpdate | undefined> {
  const [taken, node] = await Promise.all([
    takeLeaseToSend(engine.pool, hash),
    identityOf(engine.node),
  ]);
  if (taken === undefined) return undefined;
  const { held, first } = taken;
  const otherNode = isOther(held.payment, node);
  if (first && node !== undefined && !otherNode) return completeSend(engine, hash, 1, held.payment);
  // Its row is committed, and nothing is sent.
  if (first) await recordAnswer(engine.pool, hash, 1, UNAVAILABLE);
  if (node === undefined) throw LightningError.unavailable('the node does not say who it is');
  return ask(engine, held, otherNode);
}

/** The node's public key; undefined while it does not answer. */
async function identityOf(node: Node['node']): Promise<string | undefined> {
  try {
    return (await node.info()).publicKey;
  } catch (error) {
    if (error instanceof LightningError) return undefined;
    throw error;
  }
}

/** Whether that is not the node which pays it. */
export function isOther(
  { node }: Pick<HeldPayment['payment'], 'node'>,
  asked: string | undefined,
): boolean {
  return node !== null && asked !== undefined && node !== asked;
}

async function ask(
  engine: Node,
  held: HeldPayment,
  otherNode: boolean,
): Promise<PaymentUpdate | undefined> {
  const { hash } = held.payment;
  const shown = await engine.node.lookupPayment(hash);
  const view = shown?.state ?? 'not_found';
  const sends =
    !otherNode && answersOnlySend(held.sends, view)
      ? [await answerOnly(engine, held, view)]
      : held.sends;
  const isLost = shown === undefined && !otherNode;
  const seen = isLost ? await seenToSucceed(engine, hash) : undefined;
  if (seen !== undefined) return seen;
  const step = nextSendStep({
    ...{ sends, view, expired: held.expired, otherNode },
    hasLostOthers: isLost && isAnyUnanswered(sends) && (await hasLostOthers(engine, hash)),
  });
  if (held.forgotten && step !== 'alarm') await forgetAlarm(engine.pool, hash);
  switch (step) {
    case 'book':
      if (shown === undefined) throw new Error('nothing has succeeded');
      return successOf(shown);
    case 'fail':
      return { hash, state: 'failed', failure: failureOf(shown, sends), sends: sends.length };
    case 'send':
      return send(engine, { ...held, sends });
    case 'alarm':
      await noteForgotten(engine.pool, hash);
      throw LightningError.unknown(
        otherNode
          ? `payment ${hash} is of node ${held.payment.node}, which this one is not`
          : `the node does not know payment ${hash}, which it may have made: is it the right node, and has somebody deleted its payments?`,
      );
    default:
      throw LightningError.unknown(`payment ${hash}: ${view}, after ${sends.length} sends`);
  }
}

async function answerOnly({ pool }: Node, held: HeldPayment, view: string): Promise<Send> {
  await recordAnswer(pool, held.payment.hash, 1, view);
  return { answer: view, answeredSeconds: 0 };
}

function failureOf(shown: OutgoingPayment | undefined, sends: readonly Send[]): string {
  return shown?.failure ?? sends.findLast(({ answer }) => answer !== null)?.answer ?? 'error';
}

async function send(engine: Node, held: HeldPayment): Promise<PaymentUpdate | undefined> {
  const n = await beginSend(engine.pool, held);
  if (n === undefined) throw LightningError.unknown('another process pays it');
  return completeSend(engine, held.payment.hash, n, held.payment);
}

/** Makes the request of a send whose row is committed, and asks where its first status is no success. */
export async function completeSend(
  engine: Node,
  hash: PaymentHash,
  n: number,
  payment: Pick<
    HeldPayment['payment'],
    'bolt11' | 'amountMsat' | 'namesAmount' | 'maxFeeMsat' | 'maxHeight'
  >,
): Promise<PaymentUpdate | undefined> {
  await failpoint('after-send-row');
  const { bolt11, amountMsat, namesAmount, maxFeeMsat, maxHeight } = payment;
  const first = await engine.node
    .sendPayment({
      ...{ bolt11, expectedHash: hash, maxFeeMsat, giveUpSeconds: GIVE_UP_SECONDS },
      ...(namesAmount ? { amountMsat } : {}),
      ...(maxHeight === null ? {} : { maxExpiryHeight: maxHeight }),
    })
    .catch((error: unknown) => {
      // Whether it was sent is not known: the send stays unanswered.
      if (!(error instanceof LightningError) || error.kind === 'unknown') throw error;
      return error;
    });
  await failpoint('after-send-before-answer');
  // Booked at once: the answer is written with it.
  if (!(first instanceof LightningError) && first.state === 'succeeded') return successOf(first, n);
  await recordAnswer(engine.pool, hash, n, answerOf(first));
  if (first instanceof LightningError) {
    if (first.kind === 'unavailable') throw first;
  } else if (first.state === 'in_flight') {
    throw LightningError.unknown(`payment ${hash} is in flight`);
  }
  return askAgain(engine, hash);
}

function answerOf(first: OutgoingPayment | LightningError): string {
  return first instanceof LightningError ? first.code : first.state;
}

/** It ended or was refused: what the node says now, after the answer, counts. Nothing is sent again. */
async function askAgain(engine: Node, hash: PaymentHash): Promise<PaymentUpdate | undefined> {
  const held = await takeLease(engine.pool, hash);
  if (held === undefined) return undefined;
  const shown = await engine.node.lookupPayment(hash);
  const view = shown?.state ?? 'not_found';
  const { sends, expired } = held;
  // It fails here only where every send is answered: what else the node has lost does not matter.
  const step = nextSendStep({ sends, view, expired, otherNode: false, hasLostOthers: false });
  if (step === 'book' && shown !== undefined) return successOf(shown);
  if (step !== 'fail') throw LightningError.unknown(`payment ${hash}: ${view} after it was sent`);
  return { hash, state: 'failed', failure: failureOf(shown, held.sends), sends: held.sends.length };
}
