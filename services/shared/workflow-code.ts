import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../db/package-root.js';

type WorkflowCode =
  { readonly workflowBundle: { readonly codePath: string } } | { readonly workflowsPath: string };

/**
 * The bundle of the build, or the compiled sources, which take a second to bundle at the start. Versioned: of
 * workflows that say whether they stay with the version that began them.
 */
export function workflowCode({ versioned = false } = {}): WorkflowCode {
  const built = join(packageRoot(), 'dist');
  const codePath = join(built, versioned ? 'workflow-bundle-versioned.js' : 'workflow-bundle.js');
  return existsSync(codePath)
    ? { workflowBundle: { codePath } }
    : { workflowsPath: join(built, 'workflows', versioned ? 'versioned.js' : 'index.js') };
}
