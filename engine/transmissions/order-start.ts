import { orderWorkflowId } from '../../domain/names/workflows.js';
import type { WorkflowStart } from '../outbox.js';
import type { OrderRow } from './order-row.js';

/** How the workflow that owns an order is started. */
export function orderStart(
  order: Pick<OrderRow, 'id' | 'state' | 'channel'>,
  summary: string,
): WorkflowStart {
  return {
    workflowType: 'transmissionOrder',
    workflowId: orderWorkflowId(order.id),
    input: { orderId: order.id },
    attributes: { QType: 'order', QState: order.state, QChannel: String(order.channel) },
    summary,
  };
}
