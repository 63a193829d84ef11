import type { JSX } from 'preact';
import type { ActionSubject } from '../../../../engine/actions/read-subjects.js';
import { to, type View } from '../view.js';
import { actionWord } from './action-words.js';

const KINDS: Readonly<Record<string, string>> = { comment: 'Reply', bio: 'Bio' };

/** `Reply`, `Zap`: what kind of action it is. */
export function subjectWord({ type, item }: Pick<ActionSubject, 'type' | 'item'>): string {
  const made = type === 'ITEM_CREATE' && item !== null ? KINDS[item.kind] : undefined;
  return made ?? actionWord(type);
}

/** What it is about: a title, how a text begins, a territory; empty where nothing has a name. */
export function subjectName({
  item,
  territory,
}: Pick<ActionSubject, 'item' | 'territory'>): string {
  if (item !== null) return item.name === '' ? 'deleted' : item.name;
  return territory === null ? '' : `~${territory}`;
}

/** Both as a text: `Zap: A guide to hold invoices`. */
export function fullName(subject: ActionSubject | undefined, type: string): string {
  if (subject === undefined) return actionWord(type);
  const name = subjectName(subject);
  return name === '' ? subjectWord(subject) : `${subjectWord(subject)}: ${name}`;
}

/** Both, with a link to what it is about. */
export function SubjectName({
  view,
  subject,
}: {
  readonly view: View;
  readonly subject: ActionSubject;
}): JSX.Element {
  const { item, territory } = subject;
  const name = subjectName(subject);
  if (name === '') return <>{subjectWord(subject)}</>;
  const path = item === null ? `/~${territory ?? ''}` : `/items/${item.id}`;
  return (
    <>
      {subjectWord(subject)}: <a href={to(view, path)}>{name}</a>
    </>
  );
}
