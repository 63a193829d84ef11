import type { z } from 'zod';
import type { StoreOrderView, StoreView } from '../../../engine/intake/stores/read-stores.js';
import type { storeAnswer, storeOrdersAnswer } from './wire/stores.js';
import { toTime, toTimeOrNull } from './wire/values.js';

export function presentStore(store: StoreView): z.input<typeof storeAnswer> {
  return {
    ...store,
    openedAt: toTime(store.openedAt),
    closedAt: toTimeOrNull(store.closedAt),
    reconciledAt: toTimeOrNull(store.reconciledAt),
    watermark: toTime(store.watermark),
    unreachableSince: toTimeOrNull(store.unreachableSince),
    lastPingAt: toTimeOrNull(store.lastPingAt),
    lastEventAt: toTimeOrNull(store.lastEventAt),
    orders: store.orders.toString(),
    waitingEvents: store.waitingEvents.toString(),
    waitingIds: store.waitingIds.toString(),
  };
}

export function presentStoreOrder(
  order: StoreOrderView,
): z.input<typeof storeOrdersAnswer>['orders'][number] {
  return {
    ...order,
    orderId: order.orderId.toString(),
    createdAt: toTime(order.createdAt),
    modifiedAt: toTime(order.modifiedAt),
    statusSince: toTime(order.statusSince),
    firstSeenAt: toTime(order.firstSeenAt),
    alertedAt: toTimeOrNull(order.alertedAt),
  };
}
