/** An amount as people read it: `1,234 sats`; with what is below a sat where there is any. */
export function sats(msat: bigint): string {
  const negative = msat < 0n;
  const amount = negative ? -msat : msat;
  const whole = grouped(amount / 1000n);
  const rest = (amount % 1000n).toString().padStart(3, '0').replace(/0+$/, '');
  const number = rest === '' ? whole : `${whole}.${rest}`;
  return `${negative ? '−' : ''}${number} ${number === '1' ? 'sat' : 'sats'}`;
}

/** Digits in groups of three. */
export function grouped(number: bigint | number): string {
  return number.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `1 comment`, `2 comments`. */
export function counted(count: number | bigint, one: string, more = `${one}s`): string {
  return `${grouped(count)} ${BigInt(count) === 1n ? one : more}`;
}
