import { actionTopic } from '../../events/change-feed.js';
import type { PagesContext } from '../context.js';
import { RowWatch } from './row-watch.js';

export interface RowMark {
  readonly key: string;
  /** Another text whenever the row has changed. */
  readonly mark: string;
  /** Of which action events tell about it; null where none does. */
  readonly actionId: string | null;
}

/** Watches rows behind open pages; each is read again when an event of its action is written. */
export function watchRows(
  { deps, settings }: Pick<PagesContext, 'deps' | 'settings'>,
  read: (keys: readonly string[]) => Promise<readonly RowMark[]>,
): RowWatch {
  return new RowWatch({
    read: async (keys) => {
      const marks = await read(keys);
      return new Map(
        marks.map(({ key, mark, actionId }) => [
          key,
          { mark, topic: actionId && actionTopic(actionId) },
        ]),
      );
    },
    changes: deps.changes,
    everyMs: settings.eventsMs,
    onError: (err) => deps.logger.warn({ err }, 'states behind open pages could not be read'),
  });
}
