const WORDS: Readonly<Record<string, string>> = {
  ITEM_CREATE: 'Post',
  ITEM_UPDATE: 'Edit',
  ZAP: 'Zap',
  DOWN_ZAP: 'Down-zap',
  BOOST: 'Boost',
  POLL_VOTE: 'Vote in a poll',
  DONATE: 'Donation',
  BUY_CREDITS: 'Purchase of credits',
  TERRITORY_CREATE: 'Founding of a territory',
  TERRITORY_UPDATE: 'Change of a territory',
  TERRITORY_BILLING: 'Payment for a territory',
  TERRITORY_UNARCHIVE: 'Revival of a territory',
  BOUNTY_PAYMENT: 'Payment of a bounty',
  WITHDRAWAL: 'Withdrawal',
  AUTO_WITHDRAWAL: 'Automatic withdrawal',
  INVITE_GIFT: 'Gift of an invitation',
  REWARDS: 'Rewards',
  PROXY_PAYMENT: 'Payment to an address',
  MEDIA_FEE: 'Fee for files',
};

/** What an action is called on pages. */
export function actionWord(type: string): string {
  return WORDS[type] ?? type;
}
