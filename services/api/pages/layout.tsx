import type { ComponentChildren, JSX } from 'preact';
import { newFormKey, to, type View } from './view.js';

export interface PageProps {
  readonly view: View;
  readonly title: string;
  /** Whether the heading is shown: pages that begin with one of their own leave it out. */
  readonly heading?: boolean;
  /** Event stream whose events say that this page has changed. */
  readonly events?: string | undefined;
  /** The event that would tell what is on this page already. */
  readonly shows?: string | undefined;
  /** Seconds after which a browser without JavaScript reads the page again. */
  readonly refreshSeconds?: number | undefined;
  /** What to tell whoever was just sent here. */
  readonly scripts?: readonly string[];
  readonly children: ComponentChildren;
}

/** What all pages share. */
export function Page(props: PageProps): JSX.Element {
  const {
    view,
    title,
    heading = true,
    events,
    shows,
    refreshSeconds,
    scripts = [],
    children,
  } = props;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · Quittance`}</title>
        <link rel="stylesheet" href={view.asset('style.css')} />
        <link rel="icon" href={view.asset('icon.svg')} type="image/svg+xml" />
        {['live.js', ...scripts].map((name) => (
          <script key={name} type="module" src={view.asset(name)} />
        ))}
        {refreshSeconds !== undefined && (
          <noscript>
            <meta http-equiv="refresh" content={refreshSeconds.toString()} />
          </noscript>
        )}
      </head>
      <body data-events={events} data-shows={shows}>
        <a class="skip" href="#main">
          Skip to content
        </a>
        <Header view={view} />
        <p id="offline" class="notice warn" role="status" hidden>
          You are offline. What you see is the last known state; it is read again as soon as you are
          back.
        </p>
        <p id="away" class="notice warn" role="status" hidden>
          The server does not answer just now. What you see is the last known state.
        </p>
        <p id="announce" class="sr" role="status" aria-live="polite" />
        <main id="main" tabIndex={-1}>
          {heading && <h1>{title}</h1>}
          {children}
        </main>
      </body>
    </html>
  );
}

function Header({ view }: { readonly view: View }): JSX.Element {
  return (
    <header>
      <nav aria-label="Main">
        <a class="brand" href={to(view, '/')}>
          Quittance
        </a>
        <Link view={view} path="/satellite" text="Satellite" />
        {view.staff && <Link view={view} path="/ops" text="Operations" />}
        {view.staff && <Link view={view} path="/stores" text="Stores" />}
        <span class="spring" />
        <Link view={view} path="/submit" text="Post" />
        {view.viewer === null ? (
          <Link view={view} path="/sign-in" text="Sign in" />
        ) : (
          <>
            <Link view={view} path="/notices" text="Notices" />
            <Link view={view} path="/me" text={`@${view.viewer.name}`} />
          </>
        )}
      </nav>
    </header>
  );
}

function Link({ view, path, text }: { view: View; path: string; text: string }): JSX.Element {
  const here = view.path.split('?', 1)[0] === path;
  return (
    <a href={to(view, path)} aria-current={here ? 'page' : undefined}>
      {text}
    </a>
  );
}

/** A form that changes something: sent twice, it does so once. */
export function PostForm({
  view,
  path,
  children,
  ...rest
}: {
  readonly view: View;
  readonly path: string;
  readonly children: ComponentChildren;
} & JSX.IntrinsicElements['form']): JSX.Element {
  return (
    <form method="post" action={to(view, path)} {...rest}>
      <input type="hidden" name="key" value={newFormKey()} />
      {children}
    </form>
  );
}

export function Notice({
  kind = 'info',
  children,
}: {
  readonly kind?: 'info' | 'warn' | 'bad' | 'good';
  readonly children: ComponentChildren;
}): JSX.Element {
  return <div class={`notice ${kind}`}>{children}</div>;
}

/** A list that has nothing in it, and what one can do about that. */
export function Empty({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <p class="empty">{children}</p>;
}

/** To the next page of a list. */
export function More({
  view,
  path,
  cursor,
}: {
  readonly view: View;
  /** With its query, without the cursor. */
  readonly path: string;
  readonly cursor: string | null;
}): JSX.Element | null {
  if (cursor === null) return null;
  const join = path.includes('?') ? '&' : '?';
  return (
    <p>
      <a class="button" href={to(view, `${path}${join}cursor=${cursor}`)}>
        More
      </a>
    </p>
  );
}
