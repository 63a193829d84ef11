import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../db/package-root.js';

type WorkflowCode =
  { readonly workflowBundle: { readonly codePath: string } } | { readonly workflowsPath: string };

/** The bundle of the build, or the compiled sources, which take a second to bundle at the start. */
export function workflowCode(): WorkflowCode {
  const built = join(packageRoot(), 'dist');
  const codePath = join(built, 'workflow-bundle.js');
  return existsSync(codePath)
    ? { workflowBundle: { codePath } }
    : { workflowsPath: join(built, 'workflows', 'index.js') };
}
