export interface MessagePolicy {
  readonly open: () => void;
  /** Resolves when it is opened. */
  readonly opened: Promise<void>;
}

/** What waits for a test to go on. */
export function gate(): MessagePolicy {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open: () => open(), opened };
}
