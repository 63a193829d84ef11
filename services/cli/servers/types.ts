/** Where a server can come from, tried in this order; also the values of QUITTANCE_SERVERS. */
export const SOURCES = ['environment', 'path', 'npm', 'built', 'download'] as const;
export type Source = (typeof SOURCES)[number];

export interface ServerHandle {
  readonly name: string;
  /** Of the server itself. */
  readonly version: string;
  readonly source: Source;
  /** Undefined while it is not running, and of a server from the environment. */
  readonly pid?: number | undefined;
  /** Stops it gracefully and keeps its data. Does nothing when it is not running. */
  stop(): Promise<void>;
  /** Like kill -9. */
  kill(): Promise<void>;
  /** Starts it again, on the same ports and data. Throws when it is running. */
  start(): Promise<void>;
  /** Stops it, deletes its data, and starts it again. */
  empty?(): Promise<void>;
}

/** PostgreSQL only. */
export interface DatabaseServer {
  readonly databaseUrl: string;
  readonly postgres: ServerHandle;
  /** Stops the server, unless it comes from the environment. */
  stop(): Promise<void>;
}

export interface Servers extends DatabaseServer {
  readonly natsUrl: string;
  readonly temporalAddress: string;
  readonly temporalUiUrl?: string;
  readonly nats: ServerHandle;
  readonly temporal: ServerHandle;
  /** Stops the servers that we started; those from the environment keep running. */
  stop(): Promise<void>;
}

export const PORT_NAMES = ['postgres', 'nats', 'temporal', 'temporalUi'] as const;
export type PortName = (typeof PORT_NAMES)[number];
export type Ports = Readonly<Record<PortName, number>>;

export interface StartOptions {
  /** Has data, logs, ports and pid files of the servers. Created when it does not exist. */
  readonly dataDir: string;
  /** False for tests: no fsync, and Temporal in memory. A killed PostgreSQL or NATS loses nothing either way. */
  readonly durable: boolean;
  readonly env: NodeJS.ProcessEnv;
  /** Called with a line for what takes longer than a second and for what is unusual. */
  readonly report: (line: string) => void;
  /** Fixed ports; the others are those of the last start, or free ones. */
  readonly ports?: Partial<Ports>;
  /** Aborting makes startServers stop what it has started and reject. */
  readonly signal?: AbortSignal;
  /** Called once the folder is ours: what else is in it may be started beside the servers. */
  readonly onLocked?: () => void;
}

/** What starting any of the servers needs. */
export interface LaunchContext {
  readonly dataDir: string;
  readonly durable: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly report: (line: string) => void;
  readonly ports: Ports;
  readonly signal: AbortSignal;
  readonly allowed: readonly Source[];
}
