import { randomUUID } from 'node:crypto';
import type { Role } from '../../../domain/accounts/roles.js';

/** Who looks at a page, and where it is. Passed to every component that makes links. */
export interface View {
  /** Before every address; empty or like `/forum`. */
  readonly base: string;
  /** The address of this page, with its query, below the base. */
  readonly path: string;
  /** Null without a session. */
  readonly viewer: { readonly id: string; readonly name: string; readonly role: Role } | null;
  /** Whether operators' pages are for this viewer. */
  readonly staff: boolean;
  /** Address of a script or a style. */
  asset(name: string): string;
}

/** An address of ours. */
export function to({ base }: Pick<View, 'base'>, path: string): string {
  return `${base}${path}`;
}

/** For a hidden field of a form: a form that is sent twice does its work once. */
export function newFormKey(): string {
  return randomUUID();
}
