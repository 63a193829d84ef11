const SEGMENTER = new Intl.Segmenter('und', { granularity: 'grapheme' });
/** The segmenter's time grows with the square of a text's length: it is given so many code units at a time. */
const AT_ONCE = 256;
/** The first half of a surrogate pair at the end. */
const CUT_PAIR = /[\uD800-\uDBFF]$/;

/** The characters of a text as its readers count them: extended grapheme clusters of Unicode (UAX 29), in order. */
export function* graphemesOf(text: string): Generator<string> {
  let at = 0;
  while (at < text.length) {
    const part = text.slice(at, at + AT_ONCE).replace(CUT_PAIR, '') || text.slice(at, at + 1);
    const found = [...SEGMENTER.segment(part)];
    // What follows may belong to the last one: it is looked at again, unless it is longer than a part.
    const kept = at + part.length < text.length && found.length > 1 ? found.slice(0, -1) : found;
    for (const { segment } of kept) yield segment;
    at += kept.reduce((length, { segment }) => length + segment.length, 0);
  }
}

/** Whether a text has at most so many characters as its readers count them. Time grows with the length of the text. */
export function isAtMost(text: string, graphemes: number): boolean {
  if (text.length <= graphemes) return true;
  const found = graphemesOf(text);
  for (let count = 0; count < graphemes; count += 1) if (found.next().done === true) return true;
  return found.next().done === true;
}
