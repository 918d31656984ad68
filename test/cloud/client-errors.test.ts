import assert from 'node:assert/strict';
import { AwsEngine } from '../../src/engine/aws/client/engine.ts';
import { awsError } from '../../src/engine/aws/client/errors.ts';
import { EngineError } from '../../src/engine/error.ts';
import { PackError } from '../../src/corpus/pack/source.ts';
import { SpecError } from '../../src/job/spec.ts';
import { type Answered, failureOf, FakeAws, Home, lambdaError, s3Error, USER } from './client-support.ts';

const SECRET = /hidden-secret|Signature=/;
const JOB = '01JZ0000000000000000000000';
const PLACE = { bucket: 'bucket', prefix: `corpora/${JOB}/`, region: 'eu-west-1' };
const log = (text: string): Record<string, string> => ({
  'x-amz-function-error': 'Unhandled',
  'x-amz-log-result': Buffer.from(text).toString('base64'),
});

describe('what goes wrong with AWS, as one error', () => {
  let home: Home;
  let aws: FakeAws;
  let engine: AwsEngine;

  before(async () => {
    aws = new FakeAws();
    await aws.listen();
  });
  after(() => aws.close());
  beforeEach(() => {
    home = new Home();
    home.config(USER);
    process.env['AWS_MAX_ATTEMPTS'] = '1';
    aws.before = () => undefined;
    engine = new AwsEngine({ profile: 'user', endpoint: aws.endpoint });
  });
  afterEach(() => {
    engine.close();
    home.restore();
  });

  const CALLS: readonly (readonly [what: string, answer: Answered, code: string, says: RegExp])[] = [
    [
      'a function that is not there',
      lambdaError(404, 'ResourceNotFoundException', 'Function not found: arn:aws:lambda:eu-west-1:1:function:mailwright-coordinator:live'),
      'NOT_FOUND',
      /no function mailwright-coordinator:live in region eu-west-1, in the account of profile user .*mailwright deploy/,
    ],
    [
      'a permission that is missing',
      lambdaError(
        403,
        'AccessDeniedException',
        'User: arn:aws:sts::1:assumed-role/r/me is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:eu-west-1:1:function:mailwright-coordinator:live because no identity-based policy allows the lambda:InvokeFunction action',
      ),
      'DENIED',
      /^arn:aws:sts::1:assumed-role\/r\/me has no permission for lambda:InvokeFunction on arn:aws:lambda:eu-west-1:1:function:mailwright-coordinator:live \(because no identity-based policy allows the lambda:InvokeFunction action\)\./,
    ],
    [
      'a key that AWS does not know',
      lambdaError(403, 'UnrecognizedClientException', 'The security token included in the request is invalid.'),
      'CREDENTIALS',
      /does not know the access key of profile user .*aws configure --profile user/,
    ],
    [
      'a wrong secret',
      lambdaError(403, 'InvalidSignatureException', 'The request signature we calculated does not match the signature you provided.'),
      'CREDENTIALS',
      /secret key of profile user.*clock/,
    ],
    [
      'an account that AWS does not serve',
      lambdaError(403, 'OptInRequired', 'The AWS Access Key Id needs a subscription for the service'),
      'DENIED',
      /does not serve this account/,
    ],
    ['too many calls', lambdaError(429, 'TooManyRequestsException', 'Rate Exceeded.'), 'THROTTLED', /fewer requests.*Rate Exceeded/],
    [
      'trouble of its own',
      lambdaError(500, 'ServiceException', 'An error occurred'),
      'NETWORK',
      /trouble of its own with lambda:InvokeFunction/,
    ],
    [
      'a call that is too large',
      lambdaError(413, 'RequestEntityTooLargeException', 'Request must be smaller than 6291456 bytes'),
      'REFUSED',
      /over the 6 MB/,
    ],
    [
      'a name that is none',
      lambdaError(400, 'ValidationException', "1 validation error detected: Value 'a b' at 'functionName' failed to satisfy constraint"),
      'NOT_FOUND',
      /cannot make sense of function mailwright-coordinator:live.*--function/,
    ],
    [
      'a function that is being changed',
      lambdaError(
        409,
        'ResourceConflictException',
        'The operation cannot be performed at this time. The function is currently in the following state: Pending',
      ),
      'STACK',
      /cannot run now.*Pending/,
    ],
    [
      'the page of some proxy',
      { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>bad gateway</html>' },
      'NETWORK',
      /trouble of its own/,
    ],
    [
      'another function',
      { body: '"hello"' },
      'STACK',
      /^Function mailwright-coordinator:live is no coordinator of Mailwright: it answers "hello"\./,
    ],
    [
      'the login page of a network',
      { body: '<html>please sign in</html>' },
      'STACK',
      /is no coordinator of Mailwright: it answers <html>please sign in<\/html>/,
    ],
    [
      'a function that ran out of time',
      {
        headers: log(
          'START RequestId: 1 Version: 3\n{"level":"info","message":"starting the execution"}\nEND RequestId: 1\nREPORT RequestId: 1 Duration: 3000\n',
        ),
        body: JSON.stringify({ errorMessage: '2025-01-01T00:00:00Z 1 Task timed out after 30.00 seconds' }),
      },
      'STACK',
      /^Function mailwright-coordinator:live failed: 2025-01-01T00:00:00Z 1 Task timed out after 30\.00 seconds\. The end of its log:\n {2}\{"level":"info","message":"starting the execution"\}$/,
    ],
  ];

  for (const [what, answer, code, says] of CALLS)
    it(`${what}, when it is called`, async () => {
      aws.before = () => answer;
      const error = await failureOf(engine.describe());
      assert.ok(error instanceof EngineError);
      assert.equal(error.code, code);
      assert.match(error.message, says);
      assert.doesNotMatch(error.message, SECRET);
    });

  const READS: readonly (readonly [what: string, answer: Answered, code: string, says: RegExp])[] = [
    [
      'an object that may not be read',
      s3Error(403, 'AccessDenied', 'Access Denied'),
      'DENIED',
      /^The login of profile user has no permission for s3:GetObject on s3:\/\/bucket\/corpora\/01JZ0{22}\/job\.json\..*an object that is not there/,
    ],
    ['a login that has expired', s3Error(400, 'ExpiredToken', 'The provided token has expired.'), 'CREDENTIALS', /has expired/],
    [
      'a clock that is wrong',
      s3Error(403, 'RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.'),
      'CREDENTIALS',
      /^The clock of this machine is wrong/,
    ],
    [
      'an unknown key',
      s3Error(403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.'),
      'CREDENTIALS',
      /does not know the access key/,
    ],
    [
      'a bucket of another region',
      s3Error(400, 'AuthorizationHeaderMalformed', "the region 'eu-west-1' is wrong; expecting 'us-east-1'"),
      'NOT_FOUND',
      /is in another region than eu-west-1 .*us-east-1.*--region/,
    ],
    [
      'a bucket that is gone',
      s3Error(404, 'NoSuchBucket', 'The specified bucket does not exist'),
      'NOT_FOUND',
      /no bucket for s3:\/\/bucket/,
    ],
    [
      'an object that is gone',
      s3Error(404, 'NoSuchKey', 'The specified key does not exist.'),
      'NOT_FOUND',
      /is not there\. It may have been deleted, or have expired/,
    ],
    [
      'an account in trouble',
      s3Error(403, 'AccountProblem', 'There is a problem with your AWS account'),
      'DENIED',
      /does not serve this account/,
    ],
  ];

  for (const [what, answer, code, says] of READS)
    it(`${what}, when it is read`, async () => {
      aws.before = () => answer;
      const error = await failureOf(engine.samples(PLACE));
      assert.ok(error instanceof EngineError);
      assert.equal(error.code, code);
      assert.match(error.message, says);
      assert.doesNotMatch(error.message, SECRET);
    });

  it('an endpoint where nobody is', async () => {
    const nobody = new AwsEngine({ profile: 'user', endpoint: 'http://127.0.0.1:1' });
    const error = await failureOf(nobody.describe());
    nobody.close();
    assert.equal(error.code, 'NETWORK');
    assert.match(error.message, /^Nothing answers at http:\/\/127\.0\.0\.1:1 .*ECONNREFUSED.*--endpoint/);
  });

  it('an endpoint that is http, asked by https', async () => {
    const wrong = new AwsEngine({ profile: 'user', endpoint: aws.endpoint.replace('http:', 'https:') });
    const error = await failureOf(wrong.describe());
    wrong.close();
    assert.equal(error.code, 'NETWORK');
    assert.match(error.message, /does not speak as AWS does .*http where it should be https/);
  });

  it('what Node has names for', () => {
    const doing = { action: 's3:GetObject', resource: 's3://b/k', profile: 'user', region: 'eu-wst-1' };
    const named = (code: string, message = code): EngineError => awsError(Object.assign(new Error(message), { code }), doing);
    assert.match(
      named('ENOTFOUND', 'getaddrinfo ENOTFOUND s3.eu-wst-1.amazonaws.com').message,
      /is the region spelled right \("eu-wst-1"\)/,
    );
    assert.match(named('SELF_SIGNED_CERT_IN_CHAIN').message, /NODE_EXTRA_CA_CERTS/);
    assert.match(named('ECONNRESET').message, /HTTPS_PROXY/);
    assert.equal(named('ECONNRESET').code, 'NETWORK');
    const both = Object.assign(new AggregateError([Object.assign(new Error('connect ECONNREFUSED ::1:80'), { code: 'ECONNREFUSED' })]), {
      message: '',
    });
    assert.match(awsError(both, doing).message, /Nothing answers at AWS \(s3 in eu-wst-1\) \(connect ECONNREFUSED ::1:80\)/);
  });

  it('what nobody knows, in its own words', () => {
    const error = awsError(Object.assign(new Error('odd'), { name: 'OddException', $metadata: { httpStatusCode: 400 } }), {
      action: 's3:GetObject',
      resource: 's3://b/k',
    });
    assert.equal(error.message, 's3:GetObject on s3://b/k failed: odd');
  });

  describe('a coordinator that refuses', () => {
    const refused = async (error: object): Promise<Error & { readonly code?: string; readonly problems?: unknown }> => {
      aws.coordinator = () => ({ ok: false, error: error as never });
      return failureOf(engine.status(JOB));
    };

    it('a spec, with the same problems as here', async () => {
      const problems = [{ path: 'messages', message: '0 will not do: at least 1' }];
      const error = await refused({ code: 'SPEC_INVALID', message: 'messages: 0 will not do: at least 1', problems });
      assert.ok(error instanceof SpecError);
      assert.deepEqual(error.problems, problems);
    });

    it('a pack, in its own words', async () => {
      const error = await refused({ code: 'PACK_INVALID', message: 'own: 2 problems\n  pack.yaml: a: b\n  desks/x.yaml: c: d' });
      assert.ok(error instanceof PackError);
      assert.equal(error.message, 'own: 2 problems\n  pack.yaml: a: b\n  desks/x.yaml: c: d');
    });

    const CODES = {
      VERSION: 'VERSION',
      BAD_CALL: 'VERSION',
      OTHER_JOB: 'OTHER_JOB',
      NO_SUCH_JOB: 'NOT_FOUND',
      LIMIT: 'REFUSED',
      NOT_ENDED: 'REFUSED',
      ENDED: 'REFUSED',
      COMPLETE: 'REFUSED',
      ATTEMPT: 'REFUSED',
      INTERNAL: 'STACK',
    };
    for (const [told, code] of Object.entries(CODES))
      it(`with ${told}, in its words`, async () => {
        const problems = [{ path: 'messages', message: 'over the limit' }];
        const error = await refused({ code: told, message: 'No, because.', problems });
        assert.ok(error instanceof EngineError);
        assert.equal(error.code, code);
        assert.equal(error.message, 'No, because.');
        assert.deepEqual(error.problems, problems);
      });
  });
});
