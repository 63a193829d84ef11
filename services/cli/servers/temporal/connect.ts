import { Connection } from '@temporalio/client';
import { registerSearchAttributes } from '../../../shared/search-attributes.js';
import { temporalConfigAt, temporalConnection } from '../../../shared/temporal/access.js';
import type { ProgramSpec } from '../binary.js';
import { checkVersion } from '../version.js';

/** Temporal's command line, which contains a development server. */
export const TEMPORAL: ProgramSpec = {
  name: 'temporal',
  version: /Server (\d+)\.(\d+)\.(\d+)/,
  minimum: [1, 28],
};

/** Temporal's version. Registers our search attributes. Rejects while it does not serve our namespace. */
export async function askTemporal(address: string, namespace: string): Promise<string> {
  const connection = await Connection.connect({
    ...temporalConnection(temporalConfigAt(address)),
    connectTimeout: 5_000,
  });
  try {
    const { serverVersion } = await connection.workflowService.getSystemInfo({});
    const version = checkVersion(`Server ${serverVersion}`, TEMPORAL);
    await connection.workflowService.describeNamespace({ namespace });
    await registerSearchAttributes(connection, namespace);
    return version;
  } finally {
    await connection.close();
  }
}
