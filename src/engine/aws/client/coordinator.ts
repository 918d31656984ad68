import { InvokeCommand } from '@aws-sdk/client-lambda';
import { PackError } from '../../../corpus/pack/source.ts';
import type { Answer, Call, CallError, CallErrorCode, Results } from '../../../job/calls.ts';
import { SpecError } from '../../../job/spec.ts';
import { EngineError, type EngineErrorCode } from '../../error.ts';
import { type Connection, functionOf } from './target.ts';

/** What the coordinator refuses, as our own errors. Its message says why, and the way out. */
const CODES: Readonly<Record<Exclude<CallErrorCode, 'SPEC_INVALID' | 'PACK_INVALID'>, EngineErrorCode>> = {
  BAD_CALL: 'VERSION',
  VERSION: 'VERSION',
  OTHER_JOB: 'OTHER_JOB',
  NO_SUCH_JOB: 'NOT_FOUND',
  LIMIT: 'REFUSED',
  NOT_ENDED: 'REFUSED',
  ENDED: 'REFUSED',
  COMPLETE: 'REFUSED',
  ATTEMPT: 'REFUSED',
  INTERNAL: 'STACK',
};

/** Calls the coordinator of a stack. Every call can be made twice, so that the SDK may try again. */
export class Coordinator {
  private readonly connection: Connection;
  private readonly name: string;

  constructor(connection: Connection) {
    this.connection = connection;
    this.name = functionOf(connection.target);
  }

  async ask<C extends Call['call']>(call: Extract<Call, { call: C }>): Promise<Results[C]> {
    const resource = `function ${this.name}`;
    const { Payload, FunctionError, LogResult } = await this.connection.call({ action: 'lambda:InvokeFunction', resource }, ({ lambda }) =>
      lambda.send(new InvokeCommand({ FunctionName: this.name, Payload: Buffer.from(JSON.stringify(call)), LogType: 'Tail' })),
    );
    const text = Buffer.from(Payload ?? []).toString('utf8');
    if (FunctionError !== undefined) throw this.crash(text, LogResult);
    const answer = parsed(text) as Partial<Answer<Results[C]>> | undefined;
    if (answer?.ok === true && answer.result !== undefined) return answer.result;
    if (answer?.ok === false && answer.error !== undefined) throw refusal(answer.error);
    throw new EngineError(
      'STACK',
      `Function ${this.name} is no coordinator of Mailwright: it answers ${shortened(text)}. Check --function, --stack and --endpoint.`,
    );
  }

  /** The function failed: it ran out of time or memory, or threw. The end of its log says most. */
  private crash(payload: string, log: string | undefined): EngineError {
    const { errorType, errorMessage } = (parsed(payload) ?? {}) as { readonly errorType?: string; readonly errorMessage?: string };
    const told = [errorType, errorMessage].filter((part) => part !== undefined && part !== '').join(': ');
    const lines = gist(Buffer.from(log ?? '', 'base64').toString('utf8'));
    return new EngineError(
      'STACK',
      `Function ${this.name} failed: ${told === '' ? 'without a word' : told}. ${lines.length === 0 ? 'Its log in CloudWatch says more.' : `The end of its log:\n  ${lines.join('\n  ')}`}`,
    );
  }
}

/** What the coordinator would not do, as the same error as if it had been found here. */
function refusal({ code, message, problems = [] }: CallError): Error {
  switch (code) {
    case 'SPEC_INVALID':
      return new SpecError(problems.length > 0 ? problems : [{ path: '', message }]);
    case 'PACK_INVALID': {
      // "where: what", as PackError words it.
      const [, where, what] = /^(.*?): (.*)$/s.exec(message) ?? [undefined, 'pack', message];
      return new PackError(where!, problems.length > 0 ? problems.map((problem) => problem.message) : [what!]);
    }
    default:
      return new EngineError(CODES[code] ?? 'REFUSED', message, { problems });
  }
}

/** The last lines of a log that say something of what went wrong. Lambda's own lines about a call do not. */
const gist = (log: string): string[] =>
  log
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(START|END|REPORT|INIT_START) |^\{"_aws"|"type":"platform\./.test(line))
    .slice(-5)
    .map((line) => shortened(line));

const shortened = (text: string): string => (text.length > 300 ? `${text.slice(0, 299)}…` : text);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
