/** The command that shows what holds up an action, and what can be done. */
export function mendAction(actionId: string): string {
  return `quittance action show ${actionId}`;
}

/** Orders have no command: what has happened to one is a page of the API. */
export function mendOrder(orderId: string): string {
  return `GET /v1/operator/transitions/order/${orderId}`;
}
