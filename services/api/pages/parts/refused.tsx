import type { JSX } from 'preact';
import type { Refusal } from '../../../../domain/refusal.js';
import { Notice } from '../layout.js';

/** As a sentence of its own: details begin small. */
export function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) || begun === '' ? begun : `${begun}.`;
}

/** Why a form was not taken; nothing where it was. */
export function Refused({
  refusal,
}: {
  readonly refusal: Refusal | undefined;
}): JSX.Element | null {
  if (refusal === undefined) return null;
  return (
    <Notice kind="bad">
      <b>{refusal.title}.</b> {sentence(refusal.detail.replaceAll('args.', ''))}
    </Notice>
  );
}
