import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from './access.ts';
import { AwsError } from './aws-error.ts';
import type { Caller } from './callers.ts';
import { functionNamed } from './lambda-api.ts';
import type { LambdaHost } from './lambda-host.ts';
import { bodyOf, send } from './protocols.ts';

/** HTTP APIs of API Gateway, each under /_api/<id> of the endpoint: routes signed with IAM that invoke a function. */

interface Api {
  readonly routes: Map<string, { readonly key: string; readonly target: string }>;
  readonly integrations: Map<string, string>;
}

const PREFIX = '/_api/';

export class HttpApis {
  private readonly apis = new Map<string, Api>();
  private readonly lambda: LambdaHost;
  private readonly access: Access;
  private readonly region: string;
  private readonly account: string;

  constructor(lambda: LambdaHost, access: Access, region: string, account: string) {
    this.lambda = lambda;
    this.access = access;
    this.region = region;
    this.account = account;
  }

  path(id: string): string {
    return `${PREFIX}${id}`;
  }

  create(id: string): void {
    this.apis.set(id, { routes: new Map(), integrations: new Map() });
  }

  delete(id: string): void {
    this.apis.delete(id);
  }

  get(id: string): Api {
    const api = this.apis.get(id);
    if (!api) throw new AwsError(404, 'NotFoundException', `Invalid API identifier specified ${id}`);
    return api;
  }

  async handle(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void> {
    const url = new URL(request.url!, 'http://host');
    const [id = '', ...rest] = url.pathname.slice(PREFIX.length).split('/');
    const path = `/${rest.join('/')}`;
    const body = await bodyOf(request);
    const api = this.get(id);
    const key = `${request.method} ${path}`;
    const route = [...api.routes.values()].find((each) => each.key === key);
    if (!route) throw new AwsError(404, 'NotFoundException', 'Not Found');
    const resource = `arn:aws:execute-api:${this.region}:${this.account}:${id}/$default/${request.method}${path}`;
    this.access.check(caller, 'execute-api:Invoke', resource);
    const target = api.integrations.get(route.target.replace('integrations/', ''))!;
    if (!this.lambda.isPermitted(target, 'apigateway.amazonaws.com', resource))
      throw new AwsError(500, 'InternalServerError', 'Internal Server Error'); // API Gateway says no more
    const { name, qualifier } = functionNamed(target);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([header, value]) => [header, String(value)]));
    const answer = await this.lambda.invoke(
      name,
      qualifier,
      JSON.stringify({
        version: '2.0',
        routeKey: key,
        rawPath: path,
        rawQueryString: url.search.slice(1),
        headers,
        requestContext: {
          accountId: this.account,
          apiId: id,
          authorizer: { iam: { accountId: this.account, userArn: caller.arn } },
          http: { method: request.method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: headers['user-agent'] ?? '' },
          requestId: randomUUID(),
          routeKey: key,
          stage: '$default',
          timeEpoch: Date.now(),
        },
        body: body.toString('utf8'),
        isBase64Encoded: false,
      }),
    );
    if (answer.error !== undefined) return send(response, 500, 'application/json', '{"message":"Internal Server Error"}');
    const result = JSON.parse(answer.payload) as { statusCode?: number; headers?: Record<string, string>; body?: string };
    // Without a status it is a body.
    if (result?.statusCode === undefined) return send(response, 200, 'application/json', answer.payload);
    const { 'content-type': type = 'text/plain', ...more } = result.headers ?? {};
    send(response, result.statusCode, type, result.body ?? '', more);
  }
}
