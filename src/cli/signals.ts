const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Does something at the first Ctrl-C; a second one ends the program. Answers with what takes that back. */
export function onInterrupt(does: () => void): () => void {
  for (const signal of SIGNALS) process.once(signal, does);
  return () => {
    for (const signal of SIGNALS) process.off(signal, does);
  };
}
