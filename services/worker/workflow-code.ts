import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../db/package-root.js';

type WorkflowCode =
  { readonly workflowBundle: { readonly codePath: string } } | { readonly workflowsPath: string };

/** The bundle that the build made, or the compiled sources, which are bundled at start (a second more). */
export function workflowCode(): WorkflowCode {
  const built = join(packageRoot(), 'dist');
  const codePath = join(built, 'workflow-bundle.js');
  return existsSync(codePath)
    ? { workflowBundle: { codePath } }
    : { workflowsPath: join(built, 'workflows', 'index.js') };
}
