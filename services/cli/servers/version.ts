/** Numbers from the most significant on: 2.10.7 is [2, 10, 7]. */
export type Version = readonly number[];

/** The version in a program's output; the pattern's groups are its numbers. */
export function parseVersion(output: string, pattern: RegExp): Version | undefined {
  const match = pattern.exec(output);
  if (match === null) return undefined;
  // Optional groups that did not match are left out.
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

/** The version that a connected server reports. Throws when it is unreadable or too old. */
export function checkVersion(
  output: string,
  { version: pattern, minimum }: { readonly version: RegExp; readonly minimum: Version },
): string {
  const version = parseVersion(output, pattern);
  if (version === undefined) throw new Error('its version cannot be read');
  if (isAtLeast(version, minimum)) return formatVersion(version);
  throw new Error(`it is ${formatVersion(version)}, older than ${formatVersion(minimum)}`);
}
