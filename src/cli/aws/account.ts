import { Account } from '../../engine/aws/deploy/account.ts';
import type { StackOptions } from '../places.ts';
import { cloudOf } from './connect.ts';

/** Does something with the account that the options name. Ctrl-C asks it to stop; a second one ends the program. */
export async function withAccount<R>(options: StackOptions, use: (account: Account) => Promise<R>): Promise<R> {
  const stop = new AbortController();
  const interrupt = (): void => {
    process.stderr.write('Stopping …\n');
    stop.abort();
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, interrupt);
  try {
    const account = await Account.open(cloudOf(options), stop.signal);
    try {
      return await use(account);
    } finally {
      account.close();
    }
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}
