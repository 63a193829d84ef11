import { readFile } from 'node:fs/promises';
import { runProgram } from './run-program.js';

/**
 * Distinguishes a process from a later one with the same number: when it was started. Undefined when
 * no such process runs.
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

async function fromProc(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may contain anything; the 20th field after it is the start, in ticks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return `${boot.trim()}/${fields[19] ?? ''}`;
  } catch {
    return undefined;
  }
}

async function fromPs(pid: number): Promise<string | undefined> {
  const env = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
  const output = await runProgram('ps', ['-o', 'lstart=', '-p', String(pid)], { env }).catch(
    () => '',
  );
  return output.trim() === '' ? undefined : output.trim();
}
