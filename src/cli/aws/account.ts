import { Account } from '../../engine/aws/deploy/account.ts';
import type { StackOptions } from '../places.ts';
import { onInterrupt } from '../signals.ts';
import { cloudOf } from './connect.ts';

/** Does something with the account that the options name. Ctrl-C asks it to stop; a second one ends the program. */
export async function withAccount<R>(options: StackOptions, use: (account: Account) => Promise<R>): Promise<R> {
  const stop = new AbortController();
  const goOn = onInterrupt(() => {
    process.stderr.write('Stopping …\n');
    stop.abort();
  });
  try {
    const account = await Account.open(cloudOf(options), stop.signal);
    try {
      return await use(account);
    } finally {
      account.close();
    }
  } finally {
    goOn();
  }
}
