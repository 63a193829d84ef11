import type { ItemView } from '../../../../../engine/items/item-view.js';
import type { View } from '../../../../../services/api/pages/view.js';

export const VIEW: View = {
  ...{ base: '', path: '/items/1', staff: false },
  viewer: { id: 'x', name: 'viewer', role: 'user' },
  asset: (name) => `/assets/${name}`,
};

/** A paid discussion of 1970. */
export const ITEM: ItemView = {
  ...{ id: 1n, actionId: 'a', kind: 'discussion', author: 'viewer', parentId: null, rootId: null },
  ...{ title: 'mine', url: null, text: '', territories: [], state: 'PAID' },
  ...{ createdAt: new Date(0), paidAt: new Date(0), editedAt: null, deletedAt: null },
  ...{ stoppedAt: null, freebie: false, zaps: 0, zappedMsat: 0n, boostMsat: 0n, comments: 0 },
  ...{ bountyMsat: null, job: null, poll: null, ownZappedMsat: 0n },
};
