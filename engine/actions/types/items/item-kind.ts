import type { z } from 'zod';
import type { ItemKindName } from '../../../items/find-item.js';
import type { NamedForward } from './post-fields.js';

/** What the creation of an item writes, whatever its kind. */
export interface NewItem {
  readonly kind: ItemKindName;
  /** Null for a comment. */
  readonly title: string | null;
  readonly text: string;
  readonly url?: string | undefined;
  /** Of a comment. */
  readonly parentId?: string;
  readonly territories: readonly string[];
  readonly boostSats: number;
  readonly forwards: readonly NamedForward[];
  /** In sats. */
  readonly bounty?: number;
  readonly poll?: { readonly options: readonly string[]; readonly endsAt: string | null };
  readonly job?: JobDetails;
}

export interface JobDetails {
  readonly company: string;
  readonly location: string;
  readonly remote: boolean;
}

/** One kind of item: the arguments of its creation, `kind` among them, and what they come to. */
export interface ItemKind<S extends z.ZodObject> {
  readonly args: S;
  toItem(args: z.output<S>): NewItem;
}
