import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AwsError } from './aws-error.ts';

/** How AWS's services speak: errors and answers as each service's real client reads them. */

export type Protocol = 'rest-xml' | 'rest-json' | 'json' | 'query';

/** Services by the name they have in a signature. */
export const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  s3: 'rest-xml',
  sqs: 'json',
  sns: 'query',
  sts: 'query',
  cloudformation: 'query',
  states: 'json',
  lambda: 'rest-json',
  'execute-api': 'rest-json',
};

export type Xml = string | number | boolean | Date | undefined | readonly Xml[] | { readonly [name: string]: Xml };

export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

export const unescapeXml = (text: string): string =>
  text
    .replace(/&#x([0-9a-f]+);/gi, (_, hex: string) => String.fromCodePoint(parseInt(hex, 16)))
    .replace(/&#(\d+);/g, (_, decimal: string) => String.fromCodePoint(Number(decimal)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');

/** A list is written as the query protocol has it: one `member` an item. */
export function xmlOf(value: Xml): string {
  if (value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return (value as Xml[]).map((item) => `<member>${xmlOf(item)}</member>`).join('');
  if (typeof value !== 'object') return escapeXml(String(value));
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([name, item]) => `<${name}>${xmlOf(item)}</${name}>`)
    .join('');
}

export function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

export function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'content-type': type,
    'x-amzn-requestid': randomUUID(),
    ...headers,
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

export const sendJson = (response: ServerResponse, body: unknown, status = 200): void =>
  send(response, status, 'application/x-amz-json-1.0', JSON.stringify(body));

export const sendQueryResult = (response: ServerResponse, action: string, result: Xml): void =>
  send(
    response,
    200,
    'text/xml',
    `<${action}Response><${action}Result>${xmlOf(result)}</${action}Result>` +
      `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`,
  );

export const s3ErrorXml = ({ code, message }: AwsError): string =>
  `<?xml version="1.0" encoding="UTF-8"?><Error>${xmlOf({ Code: code, Message: message, RequestId: randomUUID() })}</Error>`;

export function sendError(response: ServerResponse, protocol: Protocol, error: AwsError, head = false): void {
  const { status, code, message } = error;
  switch (protocol) {
    case 'rest-xml':
      return send(response, status, 'application/xml', head ? '' : s3ErrorXml(error));
    case 'query':
      return send(
        response,
        status,
        'text/xml',
        `<ErrorResponse><Error>${xmlOf({ Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message })}</Error>` +
          `<RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
      );
    case 'json':
      return send(response, status, 'application/x-amz-json-1.0', JSON.stringify({ __type: code, message, Message: message }));
    case 'rest-json':
      return send(response, status, 'application/json', JSON.stringify({ Type: 'User', message, Message: message }), {
        'x-amzn-errortype': code,
      });
  }
}
