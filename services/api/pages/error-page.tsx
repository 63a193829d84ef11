import type { JSX } from 'preact';
import type { Refusal } from '../../../domain/refusal.js';
import { Notice, Page } from './layout.js';
import { sentence } from './parts/refused.js';
import { to, type View } from './view.js';

/** What a person can do about it. */
function advice({ code, status }: Refusal): string {
  if (code === 'service.maintenance') return 'Payments by invoice are paused. Try again later.';
  if (status === 503) return 'Nothing was lost. Try again in a few seconds.';
  if (status >= 500) return 'Nothing half done is left behind. Try again in a moment.';
  if (status === 429) return 'Wait a little, then try again.';
  if (status === 403) return 'Nothing was changed.';
  if (status === 404) return 'It may have been moved, or never was. Begin at the front page.';
  return 'Go back, and change what you have entered.';
}

function detailOf({ code, detail }: Refusal): string {
  return code === 'auth.operator_required' ? 'This page is for operators.' : sentence(detail);
}

export function ErrorPage({
  view,
  refusal,
  requestId,
  again,
}: {
  readonly view: View;
  readonly refusal: Refusal;
  readonly requestId: string;
  /** Whether it was a page that was asked for: then it can be asked for again. */
  readonly again: boolean;
}): JSX.Element {
  return (
    <Page view={view} title={refusal.title}>
      <Notice kind={refusal.status >= 500 ? 'bad' : 'warn'}>
        <p>{detailOf(refusal)}</p>
        <p>{advice(refusal)}</p>
      </Notice>
      <p>
        {again && refusal.status !== 403 && refusal.status !== 404 && (
          <a class="button" href={to(view, view.path)}>
            Try again
          </a>
        )}{' '}
        <a class="button" href={to(view, '/')}>
          Front page
        </a>
      </p>
      <p class="small">
        {refusal.code} · request {requestId}
      </p>
    </Page>
  );
}
