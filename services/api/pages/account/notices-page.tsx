import type { JSX } from 'preact';
import type { Notice, NoticePosition } from '../../../../engine/actions/read-notices.js';
import type { ActionSubject } from '../../../../engine/actions/read-subjects.js';
import { isRetryable } from '../../../../engine/actions/types/index.js';
import { RetryForm } from '../actions/action-page.js';
import { Empty, More, Page, PostForm } from '../layout.js';
import { counted } from '../parts/money.js';
import { Badge, reasonText } from '../parts/state.js';
import { Ago } from '../parts/time.js';
import { to, type View } from '../view.js';
import { noticeAmount, noticeText } from './notice-words.js';

type Listed = Notice & Pick<NoticePosition, 'key'>;

export interface NoticesProps {
  readonly view: View;
  readonly notices: readonly Listed[];
  /** Of payments that failed, by the action's id. */
  readonly subjects: ReadonlyMap<string, ActionSubject>;
  /** 100: as many or more. */
  readonly unread: number;
  readonly cursor: string | null;
}

/** Everything that the viewer is told of, failed payments among it, the newest first. */
export function NoticesPage({
  view,
  notices,
  subjects,
  unread,
  cursor,
}: NoticesProps): JSX.Element {
  return (
    <Page view={view} title="Notices">
      <div
        id="notices"
        data-live
        data-state={[
          unread,
          ...notices.map(({ key, attempt, times }) => `${key} ${attempt ?? 0} ${times}`),
        ].join(' ')}
        data-say={counted(unread, 'unread notice')}
      >
        {unread > 0 && (
          <PostForm view={view} path="/notices/read" class="row">
            <span>{unread >= 100 ? '100 or more' : unread} unread</span>
            <input type="hidden" name="through" value={notices[0]?.at.toISOString() ?? ''} />
            <button>Mark as read</button>
          </PostForm>
        )}
        {notices.length === 0 ? (
          <Empty>Nothing yet. Replies, zaps, rewards and payments that failed show up here.</Empty>
        ) : (
          <ul class="feed">
            {notices.map((notice) => (
              <Line
                key={notice.key}
                view={view}
                notice={notice}
                about={subjects.get(notice.actionId ?? '')}
              />
            ))}
          </ul>
        )}
        <More view={view} path="/notices" cursor={cursor} />
      </div>
    </Page>
  );
}

interface LineProps {
  readonly view: View;
  readonly notice: Listed;
  readonly about: ActionSubject | undefined;
}

function Line({ view, notice, about }: LineProps): JSX.Element {
  const { by, text } = noticeText(notice, about);
  const amount = noticeAmount(notice);
  const failed = notice.kind === 'FAILED_PAYMENT';
  return (
    <li class={failed ? 'failed' : undefined}>
      <p class="line">
        {!notice.read && <Badge kind="info" text="new" />}{' '}
        {by !== null && <a href={to(view, `/@${by}`)}>@{by}</a>} {text}
        {amount !== '' && (
          <>
            {': '}
            <b>{amount}</b>
          </>
        )}
      </p>
      <p class="meta">
        {failed && `Attempt ${notice.attempt ?? 1} · `}
        {failed && notice.detail['reason'] && `${reasonText(notice.detail['reason'])} · `}
        {notice.detail['territory'] !== undefined && (
          <>
            <a href={to(view, `/~${notice.detail['territory']}`)}>~{notice.detail['territory']}</a>{' '}
            ·{' '}
          </>
        )}
        <About view={view} notice={notice} />
        <Ago at={notice.at} />
        {notice.detail['comment'] !== undefined && ` · “${notice.detail['comment']}”`}
      </p>
      <div class="row">
        {failed && <FailedForms view={view} notice={notice} />}
        {notice.id !== null && (
          <PostForm view={view} path={`/notices/${notice.id}/dismiss`}>
            <button class="quiet">Dismiss</button>
          </PostForm>
        )}
      </div>
    </li>
  );
}

/** What it is about, where that has a page. */
function About({
  view,
  notice,
}: {
  readonly view: View;
  readonly notice: Notice;
}): JSX.Element | null {
  const { kind, itemId, actionId } = notice;
  const own = kind === 'FAILED_PAYMENT' || kind.startsWith('WITHDRAWAL');
  const path =
    itemId !== null ? `/items/${itemId}` : own && actionId !== null ? `/actions/${actionId}` : null;
  if (path === null) return null;
  return (
    <>
      <a href={to(view, path)}>{itemId === null ? 'all attempts' : 'read it'}</a>
      {' · '}
    </>
  );
}

function FailedForms({
  view,
  notice,
}: {
  readonly view: View;
  readonly notice: Notice;
}): JSX.Element | null {
  const { actionId, attempt, detail } = notice;
  if (actionId === null || attempt === null) return null;
  return (
    <>
      {isRetryable(detail['type'] ?? '') && (
        <RetryForm view={view} actionId={actionId} attempt={attempt} />
      )}
      <PostForm view={view} path={`/actions/${actionId}/dismiss`}>
        <input type="hidden" name="attempt" value={attempt} />
        <button>Dismiss</button>
      </PostForm>
    </>
  );
}
