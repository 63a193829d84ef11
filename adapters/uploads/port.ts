/** Where the bytes of uploads are kept, by their ids. */
export interface UploadBytes {
  /** Written once: an id that is there stays as it is. */
  put(id: string, bytes: Buffer): Promise<void>;
  get(id: string): Promise<Buffer | undefined>;
  /** Those that are not there are no error. */
  remove(ids: readonly string[]): Promise<void>;
  /** Ids of bytes that are older than so many seconds and not among those that `isKnown` gives back. At most 500 at a time. */
  strays(
    olderThanSeconds: number,
    isKnown: (ids: readonly string[]) => Promise<ReadonlySet<string>>,
  ): Promise<readonly string[]>;
}
