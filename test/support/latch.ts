export interface Latch {
  readonly open: () => void;
  /** Resolves once the latch is opened. */
  readonly opened: Promise<void>;
}

/** Holds code under test back until the test opens it. */
export function createLatch(): Latch {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open: () => open(), opened };
}
