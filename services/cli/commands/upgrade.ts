import type { Command } from 'commander';
import { loadExtensions } from '../../shared/extensions.js';
import { loadConfigPart } from '../../shared/config.js';
import { directUrl } from '../../shared/pool.js';
import { withMigrationAdvice } from './migrate.js';

export function addUpgrade(program: Command): void {
  program
    .command('upgrade')
    .description('bring the data of an earlier release to this one, with every process stopped')
    .option('--without-temporal', 'leave the workflows of the earlier release alone')
    .action(async ({ withoutTemporal = false }: { withoutTemporal?: boolean }) => {
      const { upgrade } = await import('../upgrade/upgrade.js');
      const config = loadConfigPart([
        ...(['DATABASE_URL', 'DATABASE_DIRECT_URL', 'QUITTANCE_EXTENSIONS'] as const),
      ]);
      const databaseUrl = directUrl(config);
      await loadExtensions(config.extensions);
      const temporal = withoutTemporal ? undefined : temporalOf();
      const report = (line: string): void => void process.stdout.write(`${line}\n`);
      await withMigrationAdvice(databaseUrl, () => upgrade({ databaseUrl, temporal, report }));
    });
}

function temporalOf(): { address: string; namespace: string } {
  const config = loadConfigPart(['TEMPORAL_ADDRESS', 'QUITTANCE_TEMPORAL_NAMESPACE']);
  return { address: config.temporalAddress, namespace: config.temporalNamespace };
}
