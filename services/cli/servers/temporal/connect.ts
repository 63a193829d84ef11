import { Connection } from '@temporalio/client';
import { registerSearchAttributes } from '../../../shared/search-attributes.js';
import { formatVersion, isAtLeast, parseVersion } from '../version.js';
import { TEMPORAL } from './kind.js';

/** Rejects as long as it does not serve our namespace; makes it know our search attributes. */
export async function askTemporal(address: string, namespace: string): Promise<string> {
  const connection = await Connection.connect({ address, connectTimeout: 5_000 });
  try {
    const { serverVersion } = await connection.workflowService.getSystemInfo({});
    const version = parseVersion(`Server ${serverVersion}`, TEMPORAL.version);
    if (version === undefined) throw new Error('it does not tell its version');
    if (!isAtLeast(version, TEMPORAL.minimum)) {
      const least = formatVersion(TEMPORAL.minimum);
      throw new Error(`it is ${formatVersion(version)}, older than ${least}`);
    }
    await connection.workflowService.describeNamespace({ namespace });
    await registerSearchAttributes(connection, namespace);
    return formatVersion(version);
  } finally {
    await connection.close();
  }
}
