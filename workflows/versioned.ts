import { setWorkflowOptions } from '@temporalio/workflow';
import type { VersioningBehavior } from '@temporalio/common';
import type { WorkflowType } from '../domain/names/workflows.js';
import * as workflows from './index.js';

/**
 * The workflows, for workers that belong to a version (docs/production.md). What ends within hours stays with the
 * version that began it; what lives for months goes over to the next. A bundle of its own, since Temporal
 * refuses tasks that name a behaviour and come from a worker without a version.
 */
const BEHAVIOUR: Readonly<Record<WorkflowType, VersioningBehavior>> = {
  paidAction: 'PINNED',
  transmissionOrder: 'PINNED',
  creditsRebuild: 'PINNED',
  store: 'AUTO_UPGRADE',
  territory: 'AUTO_UPGRADE',
  ephemeralItem: 'AUTO_UPGRADE',
  reminder: 'AUTO_UPGRADE',
};

const all: Readonly<Record<WorkflowType, (...input: never[]) => Promise<unknown>>> = workflows;
for (const [type, workflow] of Object.entries(all)) {
  // By the type of `all`.
  setWorkflowOptions({ versioningBehavior: BEHAVIOUR[type as WorkflowType] }, workflow);
}

export * from './index.js';
