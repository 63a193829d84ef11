/** Where a server came from; also the names of the steps in QUITTANCE_SERVERS, in this order. */
export const SOURCES = ['environment', 'path', 'npm', 'built', 'download'] as const;
export type Source = (typeof SOURCES)[number];

export interface ServerHandle {
  readonly name: string;
  /** Of the server, not of a tool around it. */
  readonly version: string;
  readonly source: Source;
  /** Gracefully, with its data kept. Nothing happens when it is not running. */
  stop(): Promise<void>;
  /** As kill -9 does. */
  kill(): Promise<void>;
  /** Again, on the same ports and the same data. Throws when it runs. */
  start(): Promise<void>;
  /** Stops it, forgets all it keeps, and starts it again. */
  empty?(): Promise<void>;
}

/** PostgreSQL alone. */
export interface DatabaseServer {
  readonly databaseUrl: string;
  readonly postgres: ServerHandle;
  /** Stops it, unless it comes from the environment. */
  stop(): Promise<void>;
}

export interface Servers extends DatabaseServer {
  readonly natsUrl: string;
  readonly temporalAddress: string;
  readonly temporalUiUrl?: string;
  readonly nats: ServerHandle;
  readonly temporal: ServerHandle;
  /** Stops the servers that we started; those from the environment go on. */
  stop(): Promise<void>;
}

export const PORT_NAMES = ['postgres', 'nats', 'temporal', 'temporalUi'] as const;
export type PortName = (typeof PORT_NAMES)[number];
export type Ports = Readonly<Record<PortName, number>>;

export interface StartOptions {
  /** Everything the servers keep: data, logs, ports, pid files. Made when it is not there. */
  readonly dataDir: string;
  /** False for tests: fsync off, and Temporal in memory. Killing a process loses nothing either way. */
  readonly durable: boolean;
  readonly env: NodeJS.ProcessEnv;
  /** Told, a line at a time, of what takes longer than a second and what is out of the ordinary. */
  readonly report: (line: string) => void;
  /** Ports that must be these; the others are kept from the last start, or free ones. */
  readonly ports?: Partial<Ports>;
  /** Aborting makes startServers stop what it has started and reject. */
  readonly signal?: AbortSignal;
}

/** What every server's launcher works with. */
export interface LaunchContext {
  readonly dataDir: string;
  readonly durable: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly report: (line: string) => void;
  readonly ports: Ports;
  readonly signal: AbortSignal;
  readonly allowed: readonly Source[];
}
