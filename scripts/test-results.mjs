import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** Sums over all files of vitest's JSON report, with the names of what failed. */
export function countTests(file, root) {
  const counts = { passed: 0, skipped: 0, failures: [] };
  if (!existsSync(file)) return { ...counts, failures: ['vitest ended without results'] };
  const { testResults } = JSON.parse(readFileSync(file, 'utf8'));
  for (const { name, status, assertionResults } of testResults) {
    const where = relative(root, name);
    const failed = assertionResults.filter((result) => result.status === 'failed');
    counts.passed += assertionResults.filter((result) => result.status === 'passed').length;
    counts.skipped += assertionResults.filter(isSkipped).length;
    counts.failures.push(...failed.map((result) => `${where} > ${result.fullName}`));
    // A file that cannot be loaded, or whose hooks fail, has no test that failed.
    if (status === 'failed' && failed.length === 0) counts.failures.push(where);
  }
  return counts;
}

function isSkipped({ status }) {
  return ['skipped', 'pending', 'todo', 'disabled'].includes(status);
}
