import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from './access.ts';
import { AwsError } from './aws-error.ts';
import type { Caller } from './callers.ts';
import type { LambdaHost } from './lambda-host.ts';
import { bodyOf, send } from './protocols.ts';

/** Bytes of an event. */
const LARGEST_EVENT = 6_291_556;
const LARGEST_ASYNC_EVENT = 1_048_576;

/** A log's tail is the last 4 KB. */
const TAIL = 4096;

/** What a client may write for a function: its name, its ARN or a part of that, with or without a qualifier. */
export function functionNamed(text: string): { name: string; qualifier: string | undefined } {
  const [name, qualifier] = text
    .replace(/^(arn:aws:lambda:[^:]+:)?(\d{12}:)?function:/, '')
    .replace(/^\d{12}:/, '')
    .split(':') as [string, string?];
  return { name, qualifier };
}

/** Lambda's API: Invoke. */
export class LambdaApi {
  private readonly host: LambdaHost;
  private readonly access: Access;

  constructor(host: LambdaHost, access: Access) {
    this.host = host;
    this.access = access;
  }

  async handle(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void> {
    const url = new URL(request.url!, 'http://host');
    const match = /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/.exec(url.pathname);
    if (!match || request.method !== 'POST')
      throw new AwsError(501, 'NotImplemented', `${request.method} ${url.pathname}: the emulator has only Invoke`);
    const named = functionNamed(decodeURIComponent(match[1]!));
    const { name } = named;
    const qualifier = named.qualifier ?? url.searchParams.get('Qualifier') ?? undefined;
    const body = await bodyOf(request);
    this.access.check(caller, 'lambda:InvokeFunction', this.host.arnOf(qualifier === undefined ? name : `${name}:${qualifier}`));
    this.host.resolve(name, qualifier);

    const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
    if (body.length > (type === 'Event' ? LARGEST_ASYNC_EVENT : LARGEST_EVENT))
      throw new AwsError(
        413,
        'RequestTooLargeException',
        `${body.length} byte payload is too large for the ${String(type)} invocation type`,
      );
    const event = body.length > 0 ? body.toString('utf8') : '{}';
    try {
      JSON.parse(event);
    } catch (error) {
      throw new AwsError(400, 'InvalidRequestContentException', `Could not parse request body into json: ${(error as Error).message}`);
    }
    if (type === 'DryRun') return void response.writeHead(204).end();
    if (type === 'Event') {
      const id = this.host.invokeAsync(name, qualifier, event);
      return void response.writeHead(202, { 'x-amzn-requestid': id }).end();
    }
    const answer = await this.host.invoke(name, qualifier, event);
    send(response, 200, 'application/json', answer.payload, {
      'x-amzn-requestid': answer.id,
      'x-amz-executed-version': answer.version,
      ...(answer.error !== undefined && { 'x-amz-function-error': answer.error }),
      ...(request.headers['x-amz-log-type'] === 'Tail' && {
        'x-amz-log-result': Buffer.from(answer.log.join('\n')).subarray(-TAIL).toString('base64'),
      }),
    });
  }
}
