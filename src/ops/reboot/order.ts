/** In which order nodes go: workers, then the control plane, and of each role those that lead it, or answer us, last. */
interface Orderable {
  readonly name: string;
  readonly role: 'worker' | 'control-plane';
}

/** `described`: an order of the description, which holds as it stands. */
export function orderOf(
  nodes: readonly Orderable[],
  leaders: readonly string[],
  described: readonly string[] | null,
): readonly string[] {
  if (described !== null) return described.filter((name) => nodes.some((node) => node.name === name));
  const rank = ({ name, role }: Orderable) => (role === 'worker' ? 0 : 2) + (leaders.includes(name) ? 1 : 0);
  return nodes.toSorted((a, b) => rank(a) - rank(b)).map(({ name }) => name);
}
