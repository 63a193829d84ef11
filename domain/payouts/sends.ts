/**
 * When a payment may be sent, when FAILED counts, and when what pays for it may be given back. A node starts a failed hash again when it is
 * sent once more, and a send whose answer is missing may still reach the node: so FAILED proves nothing while a send is unanswered.
 */

/** What the node shows of a payment. */
export type PaymentView = 'not_found' | 'in_flight' | 'succeeded' | 'failed';

/** A node's first status, or the code of its refusal, or `unavailable`: it was not reached, and nothing was sent. */
export type SendAnswer = string;

export interface Send {
  /** Null while its call has not returned, or its outcome is not known. */
  readonly answer: SendAnswer | null;
  /** Since it was answered. */
  readonly answeredSeconds: number;
}

export interface SendSituation {
  readonly sends: readonly Send[];
  /** Asked for after the last of the sends was answered as they say here. Undefined: not asked yet. */
  readonly view: PaymentView | undefined;
  /** Whether another node is asked than the one that pays it: it knows nothing of it, and must not pay it too. */
  readonly otherNode: boolean;
  /** Whether the invoice has expired for {@link FENCE_SECONDS}, by the database's clock. */
  readonly expired: boolean;
  /**
   * Whether the node does not know a payment either that it had made for us before the first of the sends: somebody has deleted payments at
   * it, or it was restored. Not found proves nothing then.
   */
  readonly hasLostOthers: boolean;
}

/**
 * `send`: another send may be made, as a row of its own. `ask`: ask the node first. `wait`: ask again later. `fail`: it has failed for
 * ever, and what was to pay for it may be given back. `book`: it has succeeded. `alarm`: the node is another one, or has forgotten what it
 * had begun, and an operator has to bring the right one back or say what became of it.
 */
export type SendStep = 'send' | 'ask' | 'wait' | 'fail' | 'book' | 'alarm';

/** How long the node must have refused the invoice as expired before no late send can start it. */
export const FENCE_SECONDS = 60;

const EXPIRED = 'invoice_expired';
/** The node had the payment, and it was not over: what became of it, only the node of that time knows. */
const BEGUN: ReadonlySet<SendAnswer> = new Set(['in_flight', 'succeeded', 'already_exists']);
/** Nothing was sent, and the same may be sent again. */
const UNAVAILABLE = 'unavailable';

export function nextSendStep(situation: SendSituation): SendStep {
  const { sends, view, expired, otherNode } = situation;
  if (otherNode) return 'alarm';
  if (sends.length === 0) return 'send';
  switch (view) {
    case undefined:
      return 'ask';
    case 'succeeded':
      return 'book';
    case 'in_flight':
      return 'wait';
    case 'failed':
      return isFinal(sends) ? 'fail' : probeOrWait(sends, expired);
    case 'not_found':
      return afterNotFound(situation);
  }
}

/**
 * Not found: not sent yet, or over and deleted, as nodes do with failed payments; or the node that is asked is another one, or was restored,
 * or somebody has deleted its payments. Never sent again then: the payee might be paid twice.
 */
function afterNotFound({ sends, expired, hasLostOthers }: SendSituation): SendStep {
  if (sends.some(({ answer }) => answer !== null && BEGUN.has(answer))) return 'alarm';
  if (hasLostOthers && isAnyUnanswered(sends)) return 'alarm';
  const over = sends.some(({ answer }) => answer !== null && answer !== UNAVAILABLE);
  if (over) return isFinal(sends) ? 'fail' : probeOrWait(sends, expired);
  return 'send';
}

/** It may have reached the node, and have been paid. */
export function isAnyUnanswered(sends: readonly Send[]): boolean {
  return sends.some(({ answer }) => answer === null);
}

/** Every send is answered, or no send that is late can have an effect any more. */
function isFinal(sends: readonly Send[]): boolean {
  if (!isAnyUnanswered(sends)) return true;
  return sends.some(
    ({ answer, answeredSeconds }) => answer === EXPIRED && answeredSeconds >= FENCE_SECONDS,
  );
}

/** A send whose answer is lost is waited for until the node refuses the invoice as expired: only the node's clock says so. */
function probeOrWait(sends: readonly Send[], expired: boolean): SendStep {
  return expired && !sends.some(({ answer }) => answer === EXPIRED) ? 'send' : 'wait';
}

/** Whether the node, by showing a payment, answers for the only send that there was. */
export function answersOnlySend(sends: readonly Send[], view: PaymentView): boolean {
  return sends.length === 1 && sends[0]?.answer === null && view !== 'not_found';
}
