/** The letter by which Grafana knows a query of a panel. */
export function refId(index: number): string {
  if (index >= 26) throw new Error(`query ${index}: expected at most 26 in a panel`);
  return String.fromCharCode('A'.charCodeAt(0) + index);
}
