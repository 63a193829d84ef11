import type { JSX } from 'preact';
import type { CommentNode } from '../../../../engine/items/read-comments.js';
import { Prose } from '../parts/prose.js';
import { to, type View } from '../view.js';
import { ItemMeta, Unpaid } from './item-line.js';
import { ZapForm } from './zap-form.js';

export interface CommentsProps {
  readonly view: View;
  readonly nodes: readonly CommentNode[];
  /** Whether the viewer may pay the bounty of the post to one of them. */
  readonly bounty?: boolean;
}

export function Comments({ view, nodes, bounty = false }: CommentsProps): JSX.Element {
  return (
    <ul class="comments">
      {nodes.map((node) => (
        <Comment key={node.item.id.toString()} view={view} node={node} bounty={bounty} />
      ))}
    </ul>
  );
}

function Comment({
  view,
  node: { item, replies, more },
  bounty,
}: {
  readonly view: View;
  readonly node: CommentNode;
  readonly bounty: boolean;
}): JSX.Element {
  return (
    <li id={`item-${item.id}`} class={item.state === 'PAID' ? undefined : item.state.toLowerCase()}>
      <ItemMeta view={view} item={item} />
      {item.deletedAt === null ? <Prose text={item.text} /> : <p class="meta">Deleted.</p>}
      {item.state === 'PAID' ? (
        <ZapForm view={view} item={item} />
      ) : (
        <Unpaid view={view} item={item} />
      )}
      {item.state === 'PAID' && (
        <p class="small">
          <a href={to(view, `/items/${item.id}`)}>Reply</a>
          {bounty && (
            <>
              {' · '}
              <a href={to(view, `/submit/bounty-payment?itemId=${item.id}`)}>
                Pay the bounty to this
              </a>
            </>
          )}
        </p>
      )}
      {replies.length > 0 && <Comments view={view} nodes={replies} bounty={bounty} />}
      {more && (
        <p>
          <a href={to(view, `/items/${item.id}`)}>More replies</a>
        </p>
      )}
    </li>
  );
}
