import type { JSX } from 'preact';
import type { ItemView } from '../../../../engine/items/item-view.js';
import { counted, sats } from '../parts/money.js';
import { Badge } from '../parts/state.js';
import { Ago } from '../parts/time.js';
import { to, type View } from '../view.js';
import { ZapForm } from './zap-form.js';

const DEFAULT_TITLES: Partial<Record<ItemView['kind'], string>> = {
  comment: 'Comment',
  bio: 'Bio',
};

/** An entry of a list of items. */
export function ItemLine({ view, item }: { view: View; item: ItemView }): JSX.Element {
  return (
    <li class={item.state === 'PAID' ? undefined : item.state.toLowerCase()}>
      <h2>
        <a href={to(view, `/items/${item.id}`)}>{item.title ?? excerptOf(item)}</a>{' '}
        {item.url !== null && <Host url={item.url} />}
      </h2>
      <ItemMeta view={view} item={item} />
      {item.state === 'PAID' ? (
        <ZapForm view={view} item={item} />
      ) : (
        <Unpaid view={view} item={item} />
      )}
    </li>
  );
}

function excerptOf({ text, kind }: ItemView): string {
  const short = text.replace(/\s+/g, ' ').slice(0, 80);
  return short === '' ? (DEFAULT_TITLES[kind] ?? 'Deleted') : short;
}

/** Where a link leads, so that nobody has to guess. */
export function Host({ url }: { readonly url: string }): JSX.Element | null {
  const address = webAddress(url);
  if (address === undefined) return null;
  return (
    <a class="small" href={address.href} rel="nofollow ugc noreferrer">
      {address.host}
    </a>
  );
}

/** Only addresses of the web are ever links. */
export function webAddress(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
}

/** The others are told by how they look. */
const KINDS_TOLD: ReadonlySet<string> = new Set(['poll', 'bounty', 'job', 'bio']);

export function ItemMeta({ view, item }: { view: View; item: ItemView }): JSX.Element {
  return (
    <p class="meta">
      {KINDS_TOLD.has(item.kind) && item.bountyMsat === null && <>{item.kind} · </>}
      {item.author === null ? (
        'anonymous'
      ) : (
        <a href={to(view, `/@${item.author}`)}>@{item.author}</a>
      )}
      {/* Comments are where their post is. */}
      {(item.kind === 'comment' ? [] : item.territories).map((name) => (
        <>
          {' '}
          · <a href={to(view, `/~${name}`)}>~{name}</a>
        </>
      ))}{' '}
      · <Ago at={item.paidAt ?? item.createdAt} />
      {item.editedAt !== null && ' · edited'}
      {item.bountyMsat !== null && <> · bounty {sats(item.bountyMsat)}</>}
      {item.boostMsat > 0n && <> · boosted {sats(item.boostMsat)}</>}
      {item.kind !== 'comment' && (
        <>
          {' '}
          · <a href={to(view, `/items/${item.id}#comments`)}>{counted(item.comments, 'comment')}</a>
        </>
      )}
    </p>
  );
}

/** What its author alone sees of what is not paid. */
export function Unpaid({ view, item }: { view: View; item: ItemView }): JSX.Element {
  const failed = item.state === 'FAILED';
  return (
    <p class="row">
      <Badge kind={failed ? 'bad' : 'warn'} text={failed ? 'not paid' : 'waiting for payment'} />
      <span class="small">Only you see this.</span>
      <a class="button" href={to(view, `/actions/${item.actionId}`)}>
        {failed ? 'Try again' : 'Pay'}
      </a>
    </p>
  );
}
