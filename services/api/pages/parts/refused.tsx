import type { JSX } from 'preact';
import type { Refusal } from '../../../../domain/refusal.js';
import { Notice } from '../layout.js';

/** Why a form was not taken; nothing where it was. */
export function Refused({
  refusal,
}: {
  readonly refusal: Refusal | undefined;
}): JSX.Element | null {
  if (refusal === undefined) return null;
  return (
    <Notice kind="bad">
      <b>{refusal.title}.</b> {refusal.detail.replaceAll('args.', '')}
    </Notice>
  );
}
