import { AwsEngine } from '../../engine/aws/client/engine.ts';
import type { Target } from '../../engine/aws/client/target.ts';
import { ask, canAsk } from '../ask.ts';
import type { StackOptions } from '../places.ts';

/** Does something with the stack that the options name. */
export async function withEngine<R>(options: StackOptions, use: (engine: AwsEngine) => Promise<R>): Promise<R> {
  const engine = new AwsEngine(cloudOf(options));
  try {
    return await use(engine);
  } finally {
    engine.close();
  }
}

/** A profile may ask for a code of a second factor: that takes somebody to answer. */
export function cloudOf({ profile, region, endpoint, stack, function: called }: StackOptions): Target {
  return {
    ...(profile !== undefined && { profile }),
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(stack !== undefined && { stack }),
    ...(called !== undefined && { function: called }),
    ...(canAsk() && { mfa: (serial: string) => ask(`MFA code for ${serial}: `) }),
  };
}
