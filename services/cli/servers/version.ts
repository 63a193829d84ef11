/** Numbers from the most significant on: 2.10.7 is [2, 10, 7]. */
export type Version = readonly number[];

/** The version in what a program says of itself; the pattern's groups are its numbers. */
export function parseVersion(said: string, pattern: RegExp): Version | undefined {
  const match = pattern.exec(said);
  if (match === null) return undefined;
  // A group that did not take part is not there.
  return match.slice(1).filter(Boolean).map(Number);
}

export function isAtLeast(version: Version, minimum: Version): boolean {
  for (const [index, least] of minimum.entries()) {
    const part = version[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

export function formatVersion(version: Version): string {
  return version.join('.');
}
