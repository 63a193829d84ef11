/** Does it for each, so many at a time; the results in the order of the items. */
export async function atOnce<T, R>(
  width: number,
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) {
      const item = items[at];
      if (item !== undefined) results[at] = await work(item, at);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

export function range(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

/** How many there are of each. */
export function counted(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ');
}
