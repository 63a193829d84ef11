import type { JSX } from 'preact';
import type { ItemView } from '../../../../engine/items/item-view.js';
import type { CommentNode } from '../../../../engine/items/read-comments.js';
import { Empty, More, Page, PostForm } from '../layout.js';
import { counted, sats } from '../parts/money.js';
import { Prose } from '../parts/prose.js';
import { to, type View } from '../view.js';
import { Comments } from './comments.js';
import { ItemMeta, Unpaid, webAddress } from './item-line.js';
import { OwnItem } from './own-item.js';
import { Poll } from './poll.js';
import { ZapForm } from './zap-form.js';

export interface ItemPageProps {
  readonly view: View;
  readonly item: ItemView;
  readonly comments: readonly CommentNode[];
  readonly cursor: string | null;
}

export function ItemPage({ view, item, comments, cursor }: ItemPageProps): JSX.Element {
  const title = item.title ?? (item.kind === 'comment' ? 'Comment' : 'Item');
  const isOwn = view.viewer !== null && view.viewer.name === item.author;
  return (
    <Page view={view} title={title} scripts={['feed.js']}>
      {item.parentId !== null && (
        <p>
          <a href={to(view, `/items/${item.rootId ?? item.parentId}`)}>The whole discussion</a>
          {' · '}
          <a href={to(view, `/items/${item.parentId}`)}>What this answers</a>
        </p>
      )}
      <ItemMeta view={view} item={item} />
      {item.url !== null && <Address url={item.url} />}
      {item.deletedAt !== null && <Empty>This was deleted by its author.</Empty>}
      {item.job !== null && <Job job={item.job} />}
      <Prose text={item.text} />
      {item.poll !== null && <Poll view={view} item={item} poll={item.poll} />}
      {item.bountyMsat !== null && (
        <p>
          <b>Bounty: {sats(item.bountyMsat)}.</b> The author pays it to a comment of their choice.
        </p>
      )}
      {item.state === 'PAID' ? (
        <ZapForm view={view} item={item} />
      ) : (
        <Unpaid view={view} item={item} />
      )}
      {isOwn ? <OwnItem view={view} item={item} /> : <OthersItem view={view} item={item} />}
      {item.state === 'PAID' && <Reply view={view} item={item} />}
      <h2 id="comments">{counted(item.comments, 'comment')}</h2>
      {comments.length === 0 ? (
        <Empty>Nobody has answered yet.</Empty>
      ) : (
        <Comments view={view} nodes={comments} bounty={isOwn && item.bountyMsat !== null} />
      )}
      <More view={view} path={`/items/${item.id}`} cursor={cursor} />
    </Page>
  );
}

function Address({ url }: { readonly url: string }): JSX.Element | null {
  const address = webAddress(url);
  if (address === undefined) return null;
  return (
    <p>
      <a href={address.href} rel="nofollow ugc noreferrer">
        {address.href}
      </a>
    </p>
  );
}

function Job({ job }: { job: NonNullable<ItemView['job']> }): JSX.Element {
  const place = [job.location, job.remote ? 'remote' : ''].filter((part) => part !== '');
  return (
    <p>
      <b>{job.company}</b>
      {place.length > 0 && ` · ${place.join(' · ')}`}
    </p>
  );
}

function OthersItem({ view, item }: { view: View; item: ItemView }): JSX.Element | null {
  if (item.state !== 'PAID' || view.viewer === null) return null;
  return (
    <p class="small">
      <a href={to(view, `/submit/down-zap?itemId=${item.id}`)}>Down-zap</a>
      {' · '}
      <a href={to(view, `/submit/boost?itemId=${item.id}`)}>Boost</a>
    </p>
  );
}

function Reply({ view, item }: { view: View; item: ItemView }): JSX.Element {
  return (
    <details open={item.comments === 0}>
      <summary>Reply</summary>
      <PostForm view={view} path="/submit/comment">
        <input type="hidden" name="parentId" value={item.id.toString()} />
        <label for="reply">Your reply</label>
        <textarea id="reply" class="low" name="text" required maxLength={10_000} />
        <p class="actions">
          <button name="step" value="quote">
            See the cost
          </button>
        </p>
      </PostForm>
    </details>
  );
}
