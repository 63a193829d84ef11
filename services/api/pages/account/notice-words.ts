import type { NoticeKind } from '../../../../domain/notices/kinds.js';
import type { Notice } from '../../../../engine/actions/read-notices.js';
import type { ActionSubject } from '../../../../engine/actions/read-subjects.js';
import { fullName } from '../actions/subject-name.js';
import { counted, sats } from '../parts/money.js';
import { utcMinute } from '../parts/time.js';

type Told = Exclude<NoticeKind, 'FAILED_PAYMENT'>;

/** What a notice says after the name of whoever it is about, or alone where it is about nobody. */
const WORDS: Readonly<Record<Told, (notice: Notice) => string>> = {
  REPLY: () => 'replied to you',
  THREAD: () => 'wrote in a discussion that you take part in',
  MENTION: () => 'mentioned you',
  ITEM_MENTION: () => 'linked to what you wrote',
  FOLLOWED_ITEM: () => 'posted; you follow them',
  TERRITORY_ITEM: () => 'posted in a territory that you follow',
  ZAP: ({ times }) => `${among(times)}zapped what you wrote`,
  FORWARDED_ZAP: ({ times }) => `${among(times)}zapped what you have a share in`,
  POLL_VOTE: ({ times }) => `Your poll got ${counted(times, 'vote')}`,
  BOUNTY: () => 'paid you a bounty',
  DEPOSIT: () => 'You were sent sats',
  WITHDRAWAL: () => 'Your withdrawal has arrived',
  WITHDRAWAL_FAILED: () => 'Your withdrawal could not be sent; the amount is back in your balance',
  INVITE: () => 'took your invitation',
  REWARD: () => 'You got your share of the rewards',
  REFERRAL: () => 'Somebody whom you brought here was rewarded, and so are you',
  STREAK: () => 'You have begun a streak: spend something each day to go on',
  STREAK_LOST: ({ detail }) =>
    `Your streak of ${counted(Number(detail['days'] ?? 1), 'day')} is over`,
  TERRITORY_TRANSFER: () => 'gave you a territory',
  TERRITORY_STATUS: ({ detail }) =>
    TERRITORY_WORDS[detail['state'] ?? ''] ?? 'Your territory has changed',
  DELETION_SET: ({ detail }) => `This will be deleted at ${minuteOf(detail['at'])}`,
  REMINDER_SET: ({ detail }) => `You will be reminded of this at ${minuteOf(detail['at'])}`,
  REMINDER: () => 'You wanted to be reminded of this',
  WEBHOOK_DISABLED: () => 'One of your webhooks was switched off: its receiver failed for too long',
};

const TERRITORY_WORDS: Readonly<Record<string, string>> = {
  ACTIVE: 'Your territory was renewed',
  GRACE: 'Your territory has run out: pay for it within the days of grace',
  STOPPED: 'Your territory has stopped: nobody paid for it',
};

function among(times: number): string {
  return times > 1 ? `and others (${counted(times, 'zap')}) ` : '';
}

function minuteOf(at: string | undefined): string {
  return at === undefined ? 'a time' : utcMinute(at);
}

/** What a notice says. `about`: what a payment that failed was for. Null `by`: of somebody without an account, where it is about somebody. */
export function noticeText(
  notice: Notice,
  about?: ActionSubject,
): { readonly by: string | null; readonly text: string } {
  if (notice.kind === 'FAILED_PAYMENT') {
    return { by: null, text: `Not paid: ${fullName(about, notice.detail['type'] ?? '')}` };
  }
  const text = WORDS[notice.kind](notice);
  if (/^[A-Z]/.test(text)) return { by: null, text };
  return { by: notice.by, text: notice.by === null ? `Somebody ${text}` : text };
}

/** `21 sats`, of what has an amount. */
export function noticeAmount({ amountMsat, kind }: Notice): string {
  return amountMsat === null || kind === 'POLL_VOTE' ? '' : sats(amountMsat);
}
