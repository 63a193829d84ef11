/** What accounts are told of. `FAILED_PAYMENT` is not stored: it is read from the attempts. */
export const NOTICE_KINDS = [
  'REPLY',
  'THREAD',
  'MENTION',
  'ITEM_MENTION',
  'FOLLOWED_ITEM',
  'TERRITORY_ITEM',
  'ZAP',
  'FORWARDED_ZAP',
  'POLL_VOTE',
  'BOUNTY',
  'DEPOSIT',
  'WITHDRAWAL',
  'WITHDRAWAL_FAILED',
  'INVITE',
  'REWARD',
  'REFERRAL',
  'STREAK',
  'STREAK_LOST',
  'TERRITORY_TRANSFER',
  'TERRITORY_STATUS',
  'DELETION_SET',
  'REMINDER_SET',
  'REMINDER',
  'FAILED_PAYMENT',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];
export type StoredNoticeKind = Exclude<NoticeKind, 'FAILED_PAYMENT'>;
