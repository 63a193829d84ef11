/** Whom and what a text mentions: more of each are left out, so that one text does not tell everybody. */
export const MAX_MENTIONS = 50;

const CODE = [/```[\s\S]*?(?:```|$)/g, /~~~[\s\S]*?(?:~~~|$)/g, /`[^`\n]*`/g];
/** Bounded: a text of brackets alone must not take long. */
const LINK = /\[[^\]\n]{0,200}\]\([^)\n]{0,500}\)/g;
const ADDRESS = /\bhttps?:\/\/[^\s<>)\]]+/gi;
const NAME = /(?<![\w@/.])@([a-z0-9][a-z0-9_-]{0,31})(?![\w@-])/gi;

/** Names of accounts after an @, in lower case, each once. Not in code, links and addresses; `@name/path` names its account. */
export function mentionedNames(text: string): readonly string[] {
  const prose = [...CODE, LINK, ADDRESS].reduce((left, part) => left.replace(part, ' '), text);
  const names = [...prose.matchAll(NAME)].flatMap(([, name]) => name?.toLowerCase() ?? []);
  return [...new Set(names)].slice(0, MAX_MENTIONS);
}

const ITEM = /^\/items\/([1-9]\d{0,17})(?:[/?#]|$)/;
const RELATIVE = /(?<![\w/.])\/items\/\d+(?!\w)(?:[/?#][^\s<>)\]]*)?/g;

/** Ids of items of this site that a text links to, each once; of a link with `commentId` that comment. `siteUrl`: where the site is. */
export function linkedItems(text: string, siteUrl: string): readonly string[] {
  const site = new URL(siteUrl);
  const prose = CODE.reduce((left, part) => left.replace(part, ' '), text);
  // A sentence that ends with a link has its own punctuation behind it.
  const absolute = (prose.match(ADDRESS) ?? []).map((link) => link.replace(/[.,;:!?]{1,9}$/, ''));
  const relative = prose.replace(ADDRESS, ' ').match(RELATIVE) ?? [];
  const ids = [...absolute, ...relative].flatMap((link) => itemOfLink(link, site) ?? []);
  return [...new Set(ids)].slice(0, MAX_MENTIONS);
}

function itemOfLink(link: string, site: URL): string | undefined {
  const url = URL.canParse(link, site.href) ? new URL(link, site.href) : undefined;
  if (url?.host !== site.host) return undefined;
  const [, item] = ITEM.exec(url.pathname) ?? [];
  if (item === undefined) return undefined;
  const comment = url.searchParams.get('commentId');
  return comment !== null && /^[1-9]\d{0,17}$/.test(comment) ? comment : item;
}
