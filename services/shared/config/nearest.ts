/** The candidate with the smallest edit distance, if it is small enough to be a likely typing error. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  // The common prefix does not distinguish them.
  const own = (whole: string): string => whole.replace(/^QUITTANCE_/, '');
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: distance(own(name), own(candidate)) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= Math.max(2, own(name).length / 3)
    ? best.candidate
    : undefined;
}

/** A name without its last part (SHUTDOWN for SHUTDOWN_SECONDS) is always near. */
function distance(name: string, candidate: string): number {
  return candidate.startsWith(`${name}_`) ? 1 : editDistance(name, candidate);
}

/** Levenshtein distance, computed row by row. */
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
