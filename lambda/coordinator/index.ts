import { fileURLToPath } from 'node:url';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { Coordinator } from '../../src/engine/aws/stack/coordinator.ts';
import { coordinatorEnvironment } from '../../src/engine/aws/stack/environment.ts';
import { rootOf, TRIES } from '../../src/engine/aws/stack/root.ts';

declare const MAILWRIGHT_VERSION: string;

const environment = coordinatorEnvironment(process.env);
const coordinator = new Coordinator({
  root: rootOf(environment),
  machine: { sfn: new SFNClient({ maxAttempts: TRIES }), arn: environment.STATE_MACHINE },
  topic: environment.TOPIC,
  limits: environment.LIMITS,
  times: environment.TIMES,
  concurrency: environment.CONCURRENCY,
  workerMemory: environment.WORKER_MEMORY,
  expiryDays: environment.EXPIRY_DAYS,
  version: MAILWRIGHT_VERSION,
  packs: fileURLToPath(new URL('./packs', import.meta.url)),
  clock: () => new Date(),
});

/** A call, by Lambda's Invoke or as the body of a request to the HTTP API. */
export async function handler(event: unknown, context: Context): Promise<unknown> {
  const deadline = new Date(Date.now() + context.getRemainingTimeInMillis());
  return isHttp(event) ? overHttp(event, deadline) : coordinator.answer(event, deadline);
}

async function overHttp(event: APIGatewayProxyEventV2, deadline: Date): Promise<APIGatewayProxyStructuredResultV2> {
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8').toString('utf8');
  let call: unknown;
  try {
    call = JSON.parse(body);
  } catch {
    call = undefined; // no call: the answer says so
  }
  const answer = await coordinator.answer(call, deadline);
  return {
    statusCode: answer.ok ? 200 : answer.error.code === 'INTERNAL' ? 500 : 400,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(answer),
  };
}

const isHttp = (event: unknown): event is APIGatewayProxyEventV2 =>
  typeof event === 'object' && event !== null && 'requestContext' in event && 'routeKey' in event;
