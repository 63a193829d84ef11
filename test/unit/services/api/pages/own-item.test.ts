import { render } from 'preact-render-to-string';
import { expect, test } from 'vitest';
import { EDIT_WINDOW_SECONDS } from '../../../../../domain/items/limits.js';
import type { ItemView } from '../../../../../engine/items/item-view.js';
import { OwnItem } from '../../../../../services/api/pages/items/own-item.js';
import { ITEM, VIEW } from './item-view.helper.js';

const secondsAgo = (seconds: number): Date => new Date(Date.now() - seconds * 1000);

function offered(changed: Partial<ItemView>): readonly string[] {
  const item = { ...ITEM, createdAt: secondsAgo(5), paidAt: secondsAgo(5), ...changed };
  const part = OwnItem({ view: VIEW, item });
  const html = part === null ? '' : render(part);
  return ['edit', 'boost', 'delete'].filter((what) =>
    new RegExp(`(href|action)="/(submit/${what}|items/1/${what})`).test(html),
  );
}

const OLD = { createdAt: secondsAgo(86_400), paidAt: secondsAgo(EDIT_WINDOW_SECONDS + 5) };

test.each<[string, Partial<ItemView>, readonly string[]]>([
  ['a paid post', {}, ['edit', 'boost', 'delete']],
  [
    'one that was paid long after it was made',
    { createdAt: OLD.createdAt },
    ['edit', 'boost', 'delete'],
  ],
  ['one whose time to edit is over', OLD, ['boost', 'delete']],
  ['a job', { ...OLD, kind: 'job' }, ['edit', 'boost', 'delete']],
  ['a bio', { ...OLD, kind: 'bio' }, ['edit', 'delete']],
  ['a comment', { kind: 'comment' }, ['edit', 'delete']],
  ['one that is not paid yet', { state: 'PENDING', paidAt: null }, []],
  ['one whose payment failed', { state: 'FAILED', paidAt: null }, []],
  ['one that was deleted', { deletedAt: new Date() }, []],
])('what its author may do with %s', (_name, changed, expected) => {
  expect(offered(changed)).toEqual(expected);
});
