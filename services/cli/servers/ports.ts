import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { PORT_NAMES, type PortName, type Ports } from './types.js';

const portNumber = z.int().min(1).max(65535);
const kept = z.partialRecord(z.enum(PORT_NAMES), portNumber);

/**
 * The ports of the last start where they are free, else new ones. Those that were asked for are
 * taken as they are, and must be free.
 */
export async function choosePorts(dataDir: string, asked: Partial<Ports> = {}): Promise<Ports> {
  const file = join(dataDir, 'ports.json');
  const before = await readKept(file);
  const taken = new Set<number>(Object.values(asked));
  const choose = async (name: PortName): Promise<number> => {
    const wanted = asked[name];
    if (wanted !== undefined) return mustBeFree(wanted, name);
    const old = before[name];
    const port = old !== undefined && (await usable(old, taken)) ? old : await newPort(taken);
    taken.add(port);
    return port;
  };
  const ports: Ports = {
    postgres: await choose('postgres'),
    nats: await choose('nats'),
    temporal: await choose('temporal'),
    temporalUi: await choose('temporalUi'),
  };
  await writeFile(file, JSON.stringify(ports));
  return ports;
}

async function readKept(file: string): Promise<Partial<Ports>> {
  try {
    return kept.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return {};
  }
}

async function mustBeFree(port: number, name: PortName): Promise<number> {
  if (await isFree(port)) return port;
  throw new Error(`port ${port}, asked for ${name}, is taken by another program`);
}

/**
 * Below the range from which systems take the ports of outgoing connections, so that nothing sits
 * on it when a server that was stopped comes back.
 */
async function newPort(taken: ReadonlySet<number>): Promise<number> {
  for (let tries = 0; tries < 200; tries += 1) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await usable(port, taken)) return port;
  }
  throw new Error('no free port found between 20000 and 32000');
}

async function usable(port: number, taken: ReadonlySet<number>): Promise<boolean> {
  return !taken.has(port) && (await isFree(port));
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
