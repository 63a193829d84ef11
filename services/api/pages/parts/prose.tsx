import type { JSX } from 'preact';

const ADDRESS = /(https?:\/\/[^\s<>"')\]]+)/g;

/** A text as its author typed it; addresses of the web in it are links. */
export function Prose({ text }: { readonly text: string }): JSX.Element | null {
  if (text === '') return null;
  return (
    <p class="prose">
      {text.split(ADDRESS).map((part, n) =>
        n % 2 === 0 ? (
          part
        ) : (
          <a href={part} rel="nofollow ugc noreferrer">
            {part}
          </a>
        ),
      )}
    </p>
  );
}
