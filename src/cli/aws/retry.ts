import { withEngine } from './connect.ts';
import { follow, type FollowOptions } from './follow.ts';

/** `mailwright retry <job>`: begins the next attempt at what a job in the cloud is missing. */
export function retry(job: string, options: FollowOptions): Promise<number> {
  return withEngine(options, async (engine) => follow(engine, await engine.retry(job), options));
}
