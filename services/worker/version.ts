import type { WorkerDeploymentVersion } from '@temporalio/common';
import type { Config } from '../shared/config.js';

/** Which version of which deployment a worker says it is; undefined: none, which any worker's tasks may go to. */
export function versionOf({
  temporalDeploymentName: deploymentName,
  temporalWorkerBuildId: buildId,
}: Pick<Config, 'temporalDeploymentName' | 'temporalWorkerBuildId'>):
  WorkerDeploymentVersion | undefined {
  return deploymentName === undefined || buildId === undefined
    ? undefined
    : { deploymentName, buildId };
}
