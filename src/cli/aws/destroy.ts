import { DEFAULT_STACK } from '../../engine/aws/client/target.ts';
import { destroy as destroyStack, type DestroyNews, type DestroyQuestion, type StackBucket } from '../../engine/aws/deploy/destroy.ts';
import { consents } from '../ask.ts';
import { count } from '../output.ts';
import { type StackOptions, stackText } from '../places.ts';
import { withAccount } from './account.ts';
import { say } from '../watch.ts';
import { eventLine, stackIn, tell } from './stack-output.ts';

export interface DestroyOptions extends StackOptions {
  readonly deleteCorpora?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `mailwright destroy`: removes a stack and what it holds. Answers with the exit code. */
export function destroy(options: DestroyOptions): Promise<number> {
  const { stack = DEFAULT_STACK } = options;
  return withAccount(options, async (account) => {
    const { identity } = account;
    if (options.json) say({ event: 'account', ...identity, stack });
    const { status } = await destroyStack(account, {
      stack,
      deleteCorpora: options.deleteCorpora ?? false,
      consent: (question) => {
        const lost = lostText(question);
        if (options.json) say({ event: 'losses', ...question });
        else tell(`From account ${identity.account}, ${identity.region}, this removes:\n${lost}`);
        return consents('Destroy all of it?', options.yes);
      },
      report: options.json ? say : teller(),
    });
    if (options.json) say({ event: 'ended', status });
    else
      process.stdout.write(
        {
          destroyed: 'Destroyed.\n',
          absent: `There is nothing to destroy: neither ${stackIn(stack, identity)} nor a bucket that it would be deployed from.\n`,
          declined: 'Nothing was changed.\n',
          interrupted: `\nInterrupted. What was deleted is gone; mailwright destroy${stackText(options)} goes on with the rest.\n`,
        }[status],
      );
    return { destroyed: 0, absent: 0, declined: 1, interrupted: 130 }[status];
  });
}

function lostText({ stack, buckets, artifacts }: DestroyQuestion): string {
  const lines = [
    stack === undefined
      ? 'no stack: there is none of this name'
      : `the stack ${stack}: functions, queues, workflow and logs; jobs that are running stop for good`,
    ...buckets.map(bucketText),
    ...(artifacts === undefined ? [] : [`the bucket ${artifacts}, which code was deployed from: no other stack needs it`]),
  ];
  return lines.map((line) => `  ${line}\n`).join('');
}

const bucketText = ({ bucket, jobs }: StackBucket): string =>
  `the bucket ${bucket} ${jobs === 0 ? 'without a corpus in it' : `with the ${jobs === 1 ? 'corpus of 1 job' : `corpora of ${count(jobs)} jobs`}`}`;

/** Prints what goes on; of the objects of a bucket, every ten thousand. */
function teller(): (news: DestroyNews) => void {
  let told = 0;
  return (news) => {
    switch (news.event) {
      case 'emptied':
        if (news.objects < told) told = 0; // another bucket
        if (news.objects - told < 10_000) return;
        told = news.objects;
        tell(`${count(news.objects)} objects deleted from ${news.bucket}`);
        return;
      case 'resource':
        tell(eventLine(news));
        return;
      case 'artifacts':
        if (news.neededBy.length > 0) tell(`The bucket ${news.bucket} stays: ${news.neededBy.join(', ')} is deployed from it, too.`);
    }
  };
}
