/** The command that shows what holds up an action or an order, and what can be done. */
export function mendPayment(id: string): string {
  return `quittance action show ${id}`;
}
