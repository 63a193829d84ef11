declare const msat: unique symbol;

/** An amount in millisatoshi (1 sat = 1000 msat): an integer, signed where a posting needs it. */
export type Msat = bigint & { readonly [msat]: true };

export const MSAT_PER_SAT = 1000n;

/** Largest amount accepted from outside: all bitcoin there will ever be. */
export const MAX_MSAT = 2_100_000_000_000_000_000n;

/** Brands an integer as millisatoshi; throws RangeError outside ±{@link MAX_MSAT}. */
export function toMsat(amount: bigint): Msat {
  if (amount > MAX_MSAT || amount < -MAX_MSAT)
    throw new RangeError(`not an amount: ${amount} msat`);
  return amount as Msat;
}

export const ZERO_MSAT = toMsat(0n);

export function satsToMsat(sats: bigint): Msat {
  return toMsat(sats * MSAT_PER_SAT);
}

export function addMsat(...amounts: readonly Msat[]): Msat {
  return toMsat(amounts.reduce<bigint>((sum, amount) => sum + amount, 0n));
}

export function subtractMsat(from: Msat, amount: Msat): Msat {
  return toMsat(from - amount);
}

/** The floor of `percent` % of an amount; the caller decides who gets the rest. */
export function percentOf(amount: Msat, percent: bigint): Msat {
  return toMsat((amount * percent) / 100n);
}
