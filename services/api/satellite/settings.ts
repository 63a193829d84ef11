/** How the Satellite API is served. */
export interface SatelliteSettings {
  /** The secret of the gateway's callbacks. */
  readonly secret: string;
  /** All whose order tokens are valid, the newest first. */
  readonly orderSecrets: readonly [string, ...string[]];
  /** Outside production: messages that were sent are shown, and payments may be forced. */
  readonly development: boolean;
  /** Orders are paid as they are opened, without money. Never in production. */
  readonly forcePayment: boolean;
  readonly guard: GuardSettings;
}

/** Who may use the routes of administrators and stations. */
export interface GuardSettings {
  /** Everybody: in development only. */
  readonly open: boolean;
  /** Whoever sends it as Authorization: Bearer. */
  readonly token?: string;
  /** Set by a trusted proxy to SUCCESS when it has verified a client certificate. */
  readonly certificateHeader?: string;
}
