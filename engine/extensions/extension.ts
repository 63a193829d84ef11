import type { z } from 'zod';
import type { ExtensionCode, FieldError, Refusal } from '../../domain/refusal.js';
import type { Msat } from '../../domain/money.js';
import type { AnyType } from '../actions/types/index.js';
import type { Queryable } from '../actions/types/paid-action-type.js';

/** A package of somebody else's that adds action types. */
export interface Extension {
  /** Lower case, like `tip_jar`. Its tables are in the schema `ext_<name>`, its codes are `<name>/<word>`. */
  readonly name: string;
  readonly types: readonly AnyType[];
  /** The folder of its migrations, numbered from 0001 on their own and applied in its schema. */
  readonly migrations?: URL;
  /** What its types refuse, by the word after the slash: HTTP status (4xx) and title. */
  readonly refusals?: Readonly<Record<string, readonly [status: number, title: string]>>;
  /** For the doctor, beside what follows from the tables that the types declare. */
  readonly checks?: readonly ExtensionCheck[];
}

export interface ExtensionCheck {
  /** A sentence that is true when all is well. */
  readonly name: string;
  /** SQL with one column `id`: the rows that break it. */
  readonly offenders: string;
}

/** What an extension is made with: it imports nothing of ours but types, so that there is one copy of everything. */
export interface ExtensionTools {
  readonly z: typeof z;
  /** Throw it where something is not possible. Throws an Error where the code is not declared. */
  refuse(code: ExtensionCode, detail: string, errors?: readonly FieldError[]): Refusal;
  /** From whole sats, 0 or more. */
  satsToMsat(sats: bigint): Msat;
  /** The account with that name; undefined when there is none. */
  findAccount(db: Queryable, name: string): Promise<string | undefined>;
}

/** The default export of an extension's module. */
export type DefineExtension = (tools: ExtensionTools) => Extension;
