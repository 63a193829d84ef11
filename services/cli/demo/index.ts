import type { DemoContext, DemoResult } from './contract.js';

/** Drives the system as its users do, and checks what comes of it. */
export async function runDemo({ apiUrl, report, signal }: DemoContext): Promise<DemoResult> {
  const response = await fetch(`${apiUrl}/readyz`, { signal });
  report(`${response.ok ? 'passed' : 'failed'}  the API is ready`);
  return response.ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}
