import type { AwsEngine, CloudJob } from '../../engine/aws/client/engine.ts';
import type { Ending } from '../../engine/engine.ts';
import { EngineError } from '../../engine/error.ts';
import type { Progress } from '../../job/records.ts';
import type { Follows } from './follows.ts';
import { type CloudWhere, type Ended, endedOf } from './job.ts';
import type { News } from './reducer.ts';

/** Jobs in the cloud: they go on whether anybody looks or not. */

/** Where engines come from: one for each account, region and stack. */
export interface Engines {
  engine(where: CloudWhere): Promise<AwsEngine>;
}

/** Milliseconds until the next try, where the job cannot be read: for want of a login, or of a network. */
const SHORTEST = 5_000;
const LONGEST = 120_000;

/** Tells of a job until its attempt has ended, and how, whatever stands in the way meanwhile. `begun` is an attempt that was just asked for. */
export async function followCloud(job: string, where: CloudWhere, engines: Engines, follows: Follows, begun?: CloudJob): Promise<void> {
  let wait = SHORTEST;
  let running = begun;
  const read = (): void => {
    wait = SHORTEST;
    follows.trouble(undefined);
  };
  for (;;) {
    try {
      running ??= await (await engines.engine(where)).follow(job);
      follows.tell(placeNews(running));
      const ended = await endOf(running, follows, read);
      if (ended) {
        read();
        follows.tell({ about: 'ended', ended });
      }
      if (ended || follows.signal.aborted) return;
    } catch (error) {
      follows.trouble(causeOf(error as Error));
    }
    running = undefined;
    await follows.pause(wait);
    wait = Math.min(LONGEST, wait * 2);
  }
}

/** Following words its errors for the command line; what went wrong is behind them. */
const causeOf = (error: Error): Error => (error.cause instanceof EngineError ? error.cause : error);

const placeNews = ({ place, started }: CloudJob): News => ({
  about: 'place',
  place,
  ...(started && { cost: started.cost, expires: started.expires }),
});

/** Follows it to its end; undefined where that was not to be waited for. `read` is called whenever the job could be read. */
async function endOf(running: CloudJob, follows: Follows, read: () => void): Promise<Ended | undefined> {
  const stop = (): void => running.interrupt();
  follows.signal.addEventListener('abort', stop, { once: true });
  try {
    let latest: Progress | undefined;
    running.onProgress((progress) => {
      if (latest) read(); // the first is what the coordinator said, who can be reached where the bucket cannot
      latest = progress;
      follows.tell({ about: 'progress', progress });
    });
    running.onTrouble((error) => follows.trouble(error));
    if (follows.signal.aborted) stop();
    const ending = await running.ended;
    return endedBy(ending, latest!);
  } finally {
    follows.signal.removeEventListener('abort', stop);
  }
}

function endedBy(ending: Ending, progress: Progress): Ended | undefined {
  const { attempt, heartbeat } = progress;
  switch (ending.status) {
    case 'interrupted':
      return undefined;
    case 'succeeded': {
      const { manifest } = ending;
      return endedOf({ attempt, outcome: 'succeeded', finished: manifest.finished, missing: [] }, progress, manifest, undefined);
    }
    default:
      return endedOf({ attempt, outcome: ending.status, finished: heartbeat, missing: ending.missing }, progress, undefined, ending.error);
  }
}
