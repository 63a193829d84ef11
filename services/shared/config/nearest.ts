/** The candidate that takes the fewest edits, if it is near enough to be what was meant. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  // What they all begin with says nothing about which one was meant.
  const own = (whole: string): string => whole.replace(/^QUITTANCE_/, '');
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: distance(own(name), own(candidate)) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= Math.max(2, own(name).length / 3)
    ? best.candidate
    : undefined;
}

/** A name that stops short (SHUTDOWN for SHUTDOWN_SECONDS) is near whatever its length. */
function distance(name: string, candidate: string): number {
  return candidate.startsWith(`${name}_`) ? 1 : editDistance(name, candidate);
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, letter] of Array.from(a).entries()) {
    const current = [row + 1];
    for (const [column, other] of Array.from(b).entries()) {
      const replaced = (above[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    above = current;
  }
  return above[b.length] ?? 0;
}
