/** Where an operator reads the transitions of an attempt (`<action>/<attempt>`) or an order. */
export function transitionsLink(apiUrl: string, machine: string, subject: string): string {
  return `${apiUrl}/v1/operator/transitions/${machine}/${encodeURIComponent(subject)}`;
}
