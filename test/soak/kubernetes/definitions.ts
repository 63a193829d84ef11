import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);

/** Kinds of other software that the chart makes objects of: which Go module has their definitions, and where. */
const MODULES = [
  {
    version: 'github.com/kedacore/keda/v2@v2.21.0',
    files: ['config/crd/bases/keda.sh_scaledobjects.yaml'],
  },
  {
    version: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    files: ['podmonitors', 'prometheusrules'].map(
      (name) => `example/prometheus-operator-crd/monitoring.coreos.com_${name}.yaml`,
    ),
  },
] as const;

/** The texts of the definitions, or why they cannot be had. */
export async function definitionsOrReason(): Promise<readonly string[] | string> {
  const folder = await mkdtemp(join(tmpdir(), 'quittance-definitions-'));
  try {
    await writeFile(join(folder, 'go.mod'), 'module definitions\n');
    const texts: string[] = [];
    for (const { version, files } of MODULES) {
      const { stdout } = await run('go', ['mod', 'download', '-json', version], { cwd: folder });
      const { Dir } = z.object({ Dir: z.string() }).parse(JSON.parse(stdout));
      for (const file of files) texts.push(await readFile(join(Dir, file), 'utf8'));
    }
    return texts;
  } catch (error) {
    return `the definitions of KEDA and the Prometheus operator: ${String(error).split('\n')[0]}`;
  } finally {
    await rm(folder, { recursive: true });
  }
}
