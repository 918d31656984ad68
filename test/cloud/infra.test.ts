import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { StateMachine } from 'aws-local-stepfunctions';
import { unzipSync } from 'fflate';
import { nagFindings, problemsOf, validatorFindings } from '../../infra/checks.ts';
import { FUNCTIONS } from '../../infra/names.ts';
import { CLOSING } from '../../infra/state-machine.ts';
import { NOTICES } from '../../scripts/notices.ts';
import { type InfraRecord, synth } from '../../scripts/synth.ts';
import { executionSchema, type Look, type Supervision, supervisionSchema } from '../../src/job/task.ts';
import { TIMES } from '../../src/job/times.ts';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

interface Statement {
  Effect: 'Allow' | 'Deny';
  Action: string | string[];
  Resource: Json;
  Principal?: Json;
  Condition?: Json;
}

interface Resource {
  Type: string;
  Condition?: string;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- properties of every type there is
  Properties: any;
}

interface Template {
  Description: string;
  Parameters: Record<string, { Type: string; Default?: string | number; Description?: string }>;
  Conditions: Record<string, Json>;
  Resources: Record<string, Resource>;
  Outputs: Record<string, { Value: Json; Description: string; Condition?: string }>;
  Mappings?: Json;
  Rules?: Json;
}

const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** A value of the template in one line: `<Bucket.Arn>/corpora/*`. */
function line(value: Json): string {
  if (value === null || typeof value !== 'object') return String(value);
  assert(!Array.isArray(value));
  const [[name, argument]] = Object.entries(value) as [[string, Json]];
  switch (name) {
    case 'Ref':
      return `<${argument}>`;
    case 'Fn::GetAtt':
      return `<${(argument as string[]).join('.')}>`;
    case 'Fn::Join':
      return (argument as [string, Json[]])[1].map(line).join((argument as [string, Json[]])[0]);
    default:
      throw new Error(`${name} is not known here`);
  }
}

describe('infrastructure', function () {
  this.timeout(120_000); // CDK, and above all the validator's engine, take their time

  const folder = mkdtempSync(join(tmpdir(), 'infra-test-'));
  const out = join(folder, 'infra');
  const said: string[] = [];
  let record: InfraRecord;
  let text: string;
  let template: Template;

  before(async () => {
    record = await synth(out, (words) => said.push(words));
    text = readFileSync(join(out, 'template.json'), 'utf8');
    template = JSON.parse(text) as Template;
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  const ofType = (type: string): [string, Resource][] => Object.entries(template.Resources).filter(([, { Type }]) => Type === type);
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  const properties = (id: string): any => template.Resources[id]?.Properties ?? assert.fail(`no ${id}`);
  const roleStatements = (id: string): Statement[] =>
    properties(id).Policies.flatMap(({ PolicyDocument }: { PolicyDocument: { Statement: Statement[] } }) => PolicyDocument.Statement);
  /** `action resource`, sorted. */
  const allowed = (statements: Statement[]): string[] =>
    statements
      .flatMap(({ Action, Resource }) => list(Action).flatMap((action) => list(Resource).map((resource) => `${action} ${line(resource)}`)))
      .sort();
  /** Every statement of every policy, with where it is. */
  const statements = (): [string, Statement][] =>
    Object.entries(template.Resources).flatMap(([id, { Properties = {} }]) =>
      [Properties.PolicyDocument, ...list(Properties.Policies ?? []).map((policy) => policy.PolicyDocument)]
        .filter((document) => document !== undefined)
        .flatMap((document) =>
          list(document.Statement as Statement | Statement[]).map((statement): [string, Statement] => [id, statement]),
        ),
    );

  const files = (): Record<string, Uint8Array> => unzipSync(readFileSync(join(out, record.code.file)));

  describe('what is written', () => {
    it('has the code under a key that is its digest, in the template too', () => {
      assert.deepEqual(Object.keys(record.functions), [...FUNCTIONS]);
      assert.deepEqual(JSON.parse(readFileSync(join(out, 'infra.json'), 'utf8')), record);
      assert.equal(record.template.sha256, createHash('sha256').update(text).digest('hex'));
      const { file, sha256, key } = record.code;
      assert.equal(createHash('sha256').update(readFileSync(join(out, file))).digest('hex'), sha256); // prettier-ignore
      assert.equal(key, `functions/${sha256}.zip`);
      for (const name of FUNCTIONS) {
        const { Code, Handler } = properties(`${name[0]!.toUpperCase()}${name.slice(1)}Function`);
        assert.deepEqual(Code, { S3Bucket: { Ref: 'CodeBucket' }, S3Key: key });
        assert.equal(Handler, record.functions[name].handler);
      }
      assert.deepEqual(readdirSync(out).sort(), ['functions.zip', 'infra.json', 'template.json']);
    });

    it('is the same the second time, and emptied first', async () => {
      const again = join(folder, 'again');
      mkdirSync(again);
      writeFileSync(join(again, 'old.zip'), '');
      await synth(again, () => undefined);
      assert.deepEqual(readdirSync(again), readdirSync(out));
      for (const name of readdirSync(out)) assert.deepEqual(readFileSync(join(again, name)), readFileSync(join(out, name)), name);
    });

    it('says what was made, in a few lines', () => {
      assert.equal(said.length, FUNCTIONS.length + 2);
      assert.match(said.join('\n'), /^worker +[\d,]+ kB of code; @aws-sdk\/client-s3/m);
      assert.match(said.join('\n'), /^all of it +[\d,]+ kB zipped$/m);
    });

    it('names no account, no region and nothing of the machine it was made on', () => {
      const codes = Object.values(files()).map((bytes) => Buffer.from(bytes).toString());
      for (const place of [process.cwd(), homedir(), tmpdir()])
        for (const made of [text, ...codes]) assert(!made.includes(`${place}/`), place);
      assert.doesNotMatch(text, /\b\d{12}\b/);
      assert.doesNotMatch(text, /\b[a-z]{2}-(north|south|east|west|central)[a-z]*-\d\b/);
    });
  });

  describe('bundles', () => {
    const CLIENTS: Record<string, string[]> = {
      coordinator: ['@aws-sdk/client-s3', '@aws-sdk/client-sfn'],
      dispatcher: ['@aws-sdk/client-s3', '@aws-sdk/client-sqs'],
      worker: ['@aws-sdk/client-s3', '@aws-sdk/client-sqs'],
      supervisor: ['@aws-sdk/client-s3', '@aws-sdk/client-sfn', '@aws-sdk/client-sqs'],
      deadletter: ['@aws-sdk/client-s3'],
    };

    for (const name of FUNCTIONS)
      it(`${name} has the SDK clients that it uses, and no other`, () => assert.deepEqual(record.functions[name].clients, CLIENTS[name]));

    for (const name of FUNCTIONS)
      it(`${name} is code that Lambda can start`, () => {
        const [file, exported] = record.functions[name].handler.split('.');
        const path = join(unzipped(), `${file}.mjs`);
        const load = `import(${JSON.stringify(path)}).then((it) => console.log(Object.keys(it), typeof it.${exported}))`;
        const env = { ...variablesOf(name), AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none' };
        assert.equal(execFileSync(process.execPath, ['-e', load], { env, encoding: 'utf8' }), `[ 'handler' ] function\n`);
      });

    it('share one zip, with an entry point each, what they share of code, the licences of others, and the built-in packs', () => {
      const names = Object.keys(files());
      const packs = readdirSync('packs', { withFileTypes: true }).filter((entry) => entry.isDirectory());
      assert.deepEqual(
        names.filter((name) => !name.startsWith('chunks/')).sort(),
        [...FUNCTIONS.map((name) => `${name}.mjs`), NOTICES, ...packs.map(({ name }) => `packs/${name}.json`)].sort(),
      );
      for (const { name } of packs) assert.equal(JSON.parse(Buffer.from(files()[`packs/${name}.json`]!).toString()).pack.pack, name);
    });

    /** The folder of the zip's files. */
    function unzipped(): string {
      const place = join(folder, 'unzipped');
      for (const [name, bytes] of Object.entries(files())) {
        mkdirSync(dirname(join(place, name)), { recursive: true });
        writeFileSync(join(place, name), bytes);
      }
      return place;
    }

    /** The function's variables with every reference filled in. */
    function variablesOf(name: string): Record<string, string> {
      const { Variables } = properties(`${name[0]!.toUpperCase()}${name.slice(1)}Function`).Environment;
      const filled = (value: Json): string => {
        if (typeof value === 'string') return value;
        const sub = (value as { 'Fn::Sub'?: string })['Fn::Sub'];
        if (sub !== undefined)
          return sub.replace(/\$\{(\w+)\}/g, (_, parameter: string) => String(template.Parameters[parameter]!.Default));
        const of = line(value);
        const parameter = template.Parameters[of.slice(1, -1)];
        return parameter ? String(parameter.Default) : of === '<ShardQueue>' ? 'https://sqs.us-east-1.amazonaws.com/0/queue' : of;
      };
      return Object.fromEntries(Object.entries(Variables as Record<string, Json>).map(([key, value]) => [key, filled(value)]));
    }
  });

  describe('checks', () => {
    it('would see what cdk-nag finds', () => {
      const app = new App({ outdir: join(folder, 'nag') });
      const stack = new Stack(app, 'S');
      new Bucket(stack, 'B');
      assert.deepEqual(
        nagFindings(app, stack).map(({ rule, at }) => `${at} ${rule}`),
        ['B AwsSolutions-S1', 'B AwsSolutions-S10'],
      );
    });

    it('would see what the validator finds', () => {
      const app = new App({ outdir: join(folder, 'validator') });
      const path = join(folder, 'bad.json');
      const bad = structuredClone(template);
      bad.Resources['ShardQueue']!.Properties.VisibilityTimeout = 99_999;
      bad.Resources['WorkerFunction']!.Properties.Runtimes = 'nodejs24.x';
      writeFileSync(path, JSON.stringify(bad));
      const found = validatorFindings(app, new Stack(app, 'S'), path).map(({ at }) => at);
      assert.deepEqual([...new Set(found)].sort(), ['ShardQueue', 'WorkerFunction']);
    });

    it('take a finding without a suppression, and a suppression without a finding, for a problem', () => {
      const found = [{ rule: 'R', at: 'A', text: 'not so' }];
      const suppressed = { rule: 'R', at: ['A'], reason: 'so' };
      assert.deepEqual(problemsOf(found, []), ['A: R: not so']);
      assert.deepEqual(problemsOf(found, [suppressed]), []);
      assert.deepEqual(problemsOf(found, [{ ...suppressed, rule: 'Q' }]).length, 2);
      assert.match(problemsOf(found, [{ ...suppressed, at: ['A', 'B'] }])[0]!, /^B: R is suppressed, but not found any more/);
    });
  });

  describe('permissions', () => {
    const CORPORA = '<CorporaBucket.Arn>/corpora/*';
    const MACHINE = 'arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:<AWS::StackName>-attempts';
    const log = (name: string): string[] => [`logs:CreateLogStream <${name}Log.Arn>`, `logs:PutLogEvents <${name}Log.Arn>`];
    const receive = (queue: string): string[] =>
      ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes'].map((action) => `sqs:${action} <${queue}.Arn>`);

    const ROLES: Record<string, string[]> = {
      CoordinatorRole: [
        `s3:GetObject ${CORPORA}`,
        `s3:PutObject ${CORPORA}`,
        `s3:DeleteObject ${CORPORA}`,
        's3:ListBucket <CorporaBucket.Arn>',
        `states:StartExecution ${MACHINE}`,
        ...log('Coordinator'),
      ],
      DispatcherRole: [
        `s3:GetObject ${CORPORA}`,
        's3:ListBucket <CorporaBucket.Arn>',
        'sqs:SendMessage <ShardQueue.Arn>',
        ...log('Dispatcher'),
      ],
      WorkerRole: [
        `s3:GetObject ${CORPORA}`,
        `s3:PutObject ${CORPORA}`,
        `s3:AbortMultipartUpload ${CORPORA}`,
        's3:ListBucket <CorporaBucket.Arn>',
        ...receive('ShardQueue'),
        ...log('Worker'),
      ],
      SupervisorRole: [
        `s3:GetObject ${CORPORA}`,
        `s3:PutObject ${CORPORA}`,
        `s3:AbortMultipartUpload ${CORPORA}`,
        's3:ListBucket <CorporaBucket.Arn>',
        'sqs:SendMessage <ShardQueue.Arn>',
        `states:StartExecution ${MACHINE}`,
        ...log('Supervisor'),
      ],
      DeadletterRole: [
        `s3:GetObject ${CORPORA}`,
        `s3:PutObject ${CORPORA}`,
        's3:ListBucket <CorporaBucket.Arn>',
        ...receive('DeadLetterQueue'),
        ...log('Deadletter'),
      ],
      AttemptsRole: [
        'lambda:InvokeFunction <DispatcherFunction.Arn>',
        'lambda:InvokeFunction <SupervisorFunction.Arn>',
        'sns:Publish <NoticesTopic>',
        // How Step Functions sets up its log: AWS documents "*" for these.
        'logs:CreateLogDelivery *',
        'logs:GetLogDelivery *',
        'logs:UpdateLogDelivery *',
        'logs:DeleteLogDelivery *',
        'logs:ListLogDeliveries *',
        'logs:PutResourcePolicy *',
        'logs:DescribeResourcePolicies *',
        'logs:DescribeLogGroups *',
      ],
    };

    it('are a role each', () =>
      assert.deepEqual(
        ofType('AWS::IAM::Role')
          .map(([id]) => id)
          .sort(),
        Object.keys(ROLES).sort(),
      ));

    for (const [id, expected] of Object.entries(ROLES))
      it(`of ${id} are exactly these`, () => assert.deepEqual(allowed(roleStatements(id)), [...expected].sort()));

    it('of a user are to invoke the alias and to read corpora', () => {
      assert.deepEqual(allowed(properties('UserAccess').PolicyDocument.Statement), [
        'lambda:InvokeFunction <CoordinatorLive>',
        `s3:GetObject ${CORPORA}`,
      ]);
      assert.equal(line(properties('UserAccess').ManagedPolicyName), '<AWS::StackName>-user');
    });

    it('to list hold for the prefix', () => {
      for (const [id, { Action, Condition }] of statements())
        if (list(Action).includes('s3:ListBucket')) assert.deepEqual(Condition, { StringLikeIfExists: { 's3:prefix': 'corpora/*' } }, id);
    });

    it('have no wildcard in an action, and in a resource only where it has a reason', () => {
      const ALLOWED = [CORPORA /* objects of jobs to come */, '*' /* see AttemptsRole */];
      for (const [id, { Effect, Action, Resource }] of statements()) {
        if (Effect === 'Deny') continue; // of requests without TLS: the wider, the better
        for (const action of list(Action)) assert.doesNotMatch(action, /\*/, id);
        for (const resource of list(Resource)) {
          const named = line(resource);
          if (named.includes('*')) assert(ALLOWED.includes(named), `${id}: ${named}`);
          if (named === '*') assert.equal(id, 'AttemptsRole');
        }
      }
    });

    it('come from this template alone: no policy of AWS, none besides, no principal of other accounts', () => {
      assert.deepEqual(ofType('AWS::IAM::Policy'), []);
      assert.doesNotMatch(text, /iam::aws:policy|ManagedPolicyArns/);
      for (const [, { Properties }] of ofType('AWS::IAM::Role')) {
        const [statement, ...more] = Properties.AssumeRolePolicyDocument.Statement as Statement[];
        assert.deepEqual(more, []);
        assert.match(JSON.stringify(statement!.Principal), /^{"Service":"(lambda|states)\.amazonaws\.com"}$/);
      }
      for (const [id, { Effect, Principal }] of statements())
        if (Effect === 'Allow' && Principal)
          assert.deepEqual([id, Principal], ['AlarmsTopicPolicy', { Service: 'cloudwatch.amazonaws.com' }]);
    });

    it('to invoke name who asks', () => {
      const grants = ofType('AWS::Lambda::Permission').map(
        ([, { Properties: p }]) => `${line(p.FunctionName)} ${p.Principal} ${line(p.SourceArn)}`,
      );
      assert.deepEqual(grants.sort(), [
        '<CoordinatorLive> apigateway.amazonaws.com arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<CallsApi>/*/POST/calls',
        '<SupervisorFunction.Arn> events.amazonaws.com <EndedBadly.Arn>',
      ]);
    });

    it('need no key of KMS', () => assert.doesNotMatch(text, /kms/i));
  });

  describe('resources', () => {
    it('are a private bucket that takes TLS only, and forgets', () => {
      const bucket = template.Resources['CorporaBucket']!;
      assert.equal(ofType('AWS::S3::Bucket').length, 1);
      assert.deepEqual([bucket.DeletionPolicy, bucket.UpdateReplacePolicy], ['Delete', 'Retain']);
      assert.deepEqual(bucket.Properties, {
        BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
        LifecycleConfiguration: {
          Rules: [
            { Id: 'expiry', Prefix: 'corpora/', Status: 'Enabled', ExpirationInDays: { Ref: 'ExpiryDays' } },
            { Id: 'unfinished-uploads', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
          ],
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      });
    });

    it('refuse requests without TLS: bucket, queues, topics', () => {
      const policies = Object.entries(template.Resources).filter(([, { Type }]) => /::(BucketPolicy|QueuePolicy|TopicPolicy)$/.test(Type));
      assert.equal(policies.length, 5);
      for (const [id, { Properties }] of policies) {
        const denied = (Properties.PolicyDocument.Statement as Statement[]).filter(({ Effect }) => Effect === 'Deny');
        assert.deepEqual(
          denied.map(({ Condition }) => Condition),
          [{ Bool: { 'aws:SecureTransport': 'false' } }],
          id,
        );
      }
    });

    it('are functions of a name, a log and a role each, for Node 24 on arm64', () => {
      const functions = ofType('AWS::Lambda::Function');
      assert.deepEqual(
        functions.map(([, { Properties: p }]) => [
          line(p.FunctionName),
          line(p.Role),
          line(p.LoggingConfig.LogGroup),
          p.Timeout,
          p.MemorySize,
        ]),
        [
          ['<AWS::StackName>-coordinator', '<CoordinatorRole.Arn>', '<CoordinatorLog>', 120, 1769],
          ['<AWS::StackName>-dispatcher', '<DispatcherRole.Arn>', '<DispatcherLog>', 900, 512],
          ['<AWS::StackName>-worker', '<WorkerRole.Arn>', '<WorkerLog>', TIMES.workerTimeout, 1769],
          ['<AWS::StackName>-supervisor', '<SupervisorRole.Arn>', '<SupervisorLog>', 900, 1024],
          ['<AWS::StackName>-deadletter', '<DeadletterRole.Arn>', '<DeadletterLog>', 60, 256],
        ],
      );
      for (const [id, { Properties: p }] of functions) {
        assert.deepEqual([p.Runtime, p.Architectures], ['nodejs24.x', ['arm64']], id);
        assert.equal(p.ReservedConcurrentExecutions, undefined, id); // would throttle what the event source caps
        assert.deepEqual(JSON.parse(p.Environment.Variables.TIMES), TIMES, id);
        assert.equal(p.Environment.Variables.PREFIX, 'corpora/', id);
      }
    });

    it('keep logs for so long as asked', () => {
      const groups = ofType('AWS::Logs::LogGroup');
      assert.equal(groups.length, FUNCTIONS.length + 2);
      for (const [id, { Properties, DeletionPolicy }] of groups)
        assert.deepEqual([Properties.RetentionInDays, DeletionPolicy], [{ Ref: 'LogDays' }, 'Delete'], id);
    });

    it('have times that fit each other', () => {
      const { VisibilityTimeout, MessageRetentionPeriod, RedrivePolicy } = properties('ShardQueue');
      assert(VisibilityTimeout >= 6 * properties('WorkerFunction').Timeout);
      assert(properties('WorkerFunction').Timeout >= 3 * TIMES.shard);
      assert(RedrivePolicy.maxReceiveCount >= 4);
      assert.equal(RedrivePolicy.maxReceiveCount, TIMES.receives);
      assert(TIMES.lease > VisibilityTimeout + properties('WorkerFunction').Timeout);
      assert(MessageRetentionPeriod >= 2 * TIMES.deadline);
      const dead = properties('DeadLetterQueue');
      assert(dead.MessageRetentionPeriod > MessageRetentionPeriod);
      assert(dead.VisibilityTimeout >= 6 * properties('DeadletterFunction').Timeout);
    });

    it('feed the workers one shard at a time, so many at once as asked', () => {
      const { BatchSize, FunctionResponseTypes, ScalingConfig, EventSourceArn, MaximumBatchingWindowInSeconds } =
        properties('WorkerSource');
      assert.deepEqual([BatchSize, FunctionResponseTypes, line(EventSourceArn)], [1, ['ReportBatchItemFailures'], '<ShardQueue.Arn>']);
      assert.deepEqual(ScalingConfig, { MaximumConcurrency: { Ref: 'Concurrency' } });
      assert.equal(MaximumBatchingWindowInSeconds, undefined);
      assert.equal(line(properties('DeadletterSource').EventSourceArn), '<DeadLetterQueue.Arn>');
    });

    it('publish the coordinator anew whenever its code, its settings or a parameter that it is told changes', () => {
      const [[id, version]] = ofType('AWS::Lambda::Version') as [[string, Resource]];
      assert.match(id, /^CoordinatorFunctionCurrentVersion[0-9a-f]{32}$/); // the hash is that of code and settings
      const told = [...JSON.stringify(properties('CoordinatorFunction').Environment).matchAll(/"Ref":"(\w+)"|\$\{(\w+)\}/g)].map(
        (m) => m[1] ?? m[2]!,
      );
      const parameters = told.filter((name) => name in template.Parameters);
      assert.equal(parameters.length, 5);
      for (const name of parameters) assert(line(version.Properties.Description).includes(`<${name}>`), name);
      assert.deepEqual(properties('CoordinatorLive').FunctionVersion, { 'Fn::GetAtt': [id, 'Version'] });
      assert.equal(properties('CoordinatorLive').Name, 'live');
    });

    it('tell the coordinator its limits as JSON', () => {
      const limits = properties('CoordinatorFunction').Environment.Variables.LIMITS['Fn::Sub'] as string;
      assert.deepEqual(JSON.parse(limits.replace(/\$\{\w+\}/g, '7')), { messages: 7, cost: 7, shards: 7, packBytes: 4_000_000 });
    });

    it('tell the supervisor of executions that ended badly, and of none besides', () => {
      const { EventPattern, Targets } = properties('EndedBadly');
      assert.deepEqual(EventPattern, {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'], stateMachineArn: [{ Ref: 'AttemptsMachine' }] },
      });
      assert.deepEqual(
        Targets.map((target: { Arn: Json }) => line(target.Arn)),
        ['<SupervisorFunction.Arn>'],
      );
      assert.equal(properties('SupervisorFunctionEventInvokeConfig').MaximumRetryAttempts, 2);
    });

    it('raise every alarm to the topic of the alarms', () => {
      const alarms = ofType('AWS::CloudWatch::Alarm');
      assert.deepEqual(alarms.map(([id]) => id).sort(), [
        'CoordinatorErrorsAlarm',
        'DeadLettersNotEmptyAlarm',
        'ExecutionsEndedBadlyAlarm',
        'OldestShardAlarm',
        'ShardsGivenUpAlarm',
        'SupervisorGaveUpAlarm',
        'WorkerErrorsAlarm',
        'WorkerThrottlesAlarm',
      ]);
      for (const [id, { Properties: p }] of alarms) {
        assert.deepEqual(p.AlarmActions, [{ Ref: 'AlarmsTopic' }], id);
        assert.equal(p.TreatMissingData, 'notBreaching', id);
        assert(p.AlarmDescription.length > 20, id);
      }
    });

    it('show on the dashboard what the workers count', () => {
      const body = line(properties('Overview').DashboardBody);
      for (const metric of ['Messages', 'Bytes', 'ShardSeconds', 'Puts', 'Throttles', 'Errors'])
        assert(body.includes(`"Mailwright","${metric}","Function","<AWS::StackName>-worker"`), metric);
    });

    it('are an HTTP API only where it is asked for, signed and throttled', () => {
      const api = Object.entries(template.Resources).filter(([id]) => id.startsWith('Calls'));
      assert.equal(api.length, 6);
      for (const [id, { Condition }] of api) assert.equal(Condition, 'HasHttpApi', id);
      assert.equal(template.Outputs['HttpApiUrl']!.Condition, 'HasHttpApi');
      assert.equal(template.Parameters['HttpApi']!.Default, 'off');
      assert.deepEqual([properties('CallsRoute').RouteKey, properties('CallsRoute').AuthorizationType], ['POST /calls', 'AWS_IAM']);
      assert.deepEqual(properties('CallsStage').DefaultRouteSettings, { ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 });
      assert.equal(line(properties('CallsIntegration').IntegrationUri), '<CoordinatorLive>');
      assert.equal(line(properties('CallsStage').AccessLogSettings.DestinationArn), '<CallsLog.Arn>');
    });

    it('write to an address only where one is given', () => {
      const subscriptions = ofType('AWS::SNS::Subscription');
      assert.deepEqual(
        subscriptions.map(([, { Properties: p }]) => `${p.Protocol} ${line(p.Endpoint)} ${line(p.TopicArn)}`),
        ['email <NotifyEmail> <NoticesTopic>', 'email <NotifyEmail> <AlarmsTopic>'],
      );
      for (const [, { Condition }] of subscriptions) assert.equal(Condition, 'HasEmail');
    });

    it('are told to who deploys', () => {
      assert.deepEqual(Object.keys(template.Outputs).sort(), [
        'AlarmTopic',
        'Bucket',
        'Coordinator',
        'Dashboard',
        'DeadLetters',
        'HttpApiUrl',
        'Prefix',
        'Queue',
        'StateMachine',
        'Topic',
        'UserPolicy',
      ]);
      assert.equal(line(template.Outputs['Coordinator']!.Value), '<CoordinatorLive>');
      assert.equal(template.Outputs['Prefix']!.Value, 'corpora/');
    });

    it('stay under the limits of CloudFormation, and need nothing that is not here', () => {
      assert(Buffer.byteLength(text) < 1_000_000);
      assert(Object.keys(template.Resources).length <= 500);
      assert(Object.keys(template.Parameters).length <= 200);
      const ids = [
        ...Object.keys(template.Resources),
        ...Object.keys(template.Outputs),
        ...Object.keys(template.Parameters),
        ...Object.keys(template.Conditions),
      ];
      assert.equal(new Set(ids).size, ids.length, 'a logical id is unique in its template');
      for (const id of ids) assert.match(id, /^[A-Za-z0-9]{1,255}$/);
      for (const [name, { Description }] of Object.entries(template.Parameters)) assert(Description && Description.length <= 4000, name);
      assert.doesNotMatch(text, /Custom::|CustomResource|CDK::Metadata|BootstrapVersion|cdk-/);
      assert.equal(template.Rules, undefined);
      assert.equal(template.Mappings, undefined);
    });

    it('have no default for the bucket of the code, and one for every other parameter', () => {
      for (const [name, { Default }] of Object.entries(template.Parameters))
        assert.equal(Default === undefined, name === 'CodeBucket', name);
      assert.deepEqual(Object.fromEntries(Object.entries(template.Parameters).map(([name, { Default }]) => [name, Default])), {
        CodeBucket: undefined,
        Concurrency: 16,
        MostMessages: 10_000_000,
        MostCost: 100,
        MostShards: 30_000,
        ExpiryDays: 30,
        NotifyEmail: '',
        HttpApi: 'off',
        LogDays: 30,
      });
    });
  });

  describe('docs/stack.md', () => {
    const page = readFileSync('docs/stack.md', 'utf8');
    /** The rows of the table under a heading, by their first cell. */
    const rows = (heading: string): [string, string[]][] => {
      const section = page.split(/^##+ /m).find((part) => part.startsWith(`${heading}\n`)) ?? assert.fail(`no ${heading}`);
      const lines = section.split('\n').filter((row) => row.startsWith('| ') && !row.startsWith('| ---'));
      return lines.slice(1).map((row) => {
        const [first, ...cells] = row.slice(2, -2).split(/ ?\| ?/);
        return [first!.replaceAll('`', ''), cells];
      });
    };
    const codes = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);

    it('has the parameters with their defaults', () =>
      assert.deepEqual(
        rows('Parameters').map(([name, [value]]) => [name, value]),
        Object.entries(template.Parameters).map(([name, { Default }]) => [name, String(Default ?? '')]),
      ));

    it('has the outputs', () =>
      assert.deepEqual(
        rows('Outputs')
          .flatMap(([names]) => names.split(', '))
          .sort(),
        Object.keys(template.Outputs).sort(),
      ));

    it('has the alarms', () =>
      assert.deepEqual(
        rows('Alarms and the dashboard').map(([name]) => name),
        ofType('AWS::CloudWatch::Alarm').map(([id]) => id),
      ));

    it('has the actions of every role', () => {
      for (const [name, cells] of rows('Of the functions')) {
        const id = name === 'state machine' ? 'AttemptsRole' : `${name[0]!.toUpperCase()}${name.slice(1)}Role`;
        const actions = roleStatements(id).flatMap(({ Action }) => list(Action));
        const own = ['logs:CreateLogStream', 'logs:PutLogEvents'];
        assert.deepEqual(codes(cells.join()).sort(), actions.filter((action) => !own.includes(action)).sort(), name);
      }
      assert.equal(rows('Of the functions').length, ofType('AWS::IAM::Role').length);
    });
  });

  describe('the state machine', () => {
    const INPUT = { job: '01J9ZKQ6Y3ABCDEFGHJKMNPQRS', attempt: 2 };
    const WATCH = { started: '2026-01-01T00:00:00.000Z', news: '2026-01-01T00:00:00.000Z', seen: 0 };
    const NOTICE = { ...INPUT, outcome: 'succeeded', messages: 10, of: 10, bytes: 100, where: 's3://b/corpora/x/' } as const;
    const look = (next: Look['next'], seen = 0): Look => ({
      ...INPUT,
      next,
      wait: 5,
      watch: { ...WATCH, seen },
      ...(next === 'notify' && { notice: NOTICE }),
    });

    /** The definition as deployed, with names for what it calls. */
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- JSON
    function definition(): any {
      const [, parts] = properties('AttemptsMachine').DefinitionString['Fn::Join'] as [string, Json[]];
      const ARN: Record<string, string> = {
        '<DispatcherFunction.Arn>': 'arn:aws:lambda:us-east-1:123456789012:function:dispatcher',
        '<SupervisorFunction.Arn>': 'arn:aws:lambda:us-east-1:123456789012:function:supervisor',
        '<NoticesTopic>': 'arn:aws:sns:us-east-1:123456789012:notices',
        '<AWS::Partition>': 'aws',
      };
      return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : (ARN[line(part)] ?? assert.fail(line(part))))).join(''));
    }

    interface Ran {
      readonly dispatched: unknown[];
      readonly supervised: Supervision[];
      readonly published: unknown[];
      readonly error?: Error;
    }

    /** Runs the definition; `answers` are the supervisor's, in order: an error is thrown. Waits and pauses take no time. */
    async function run(input: object, answers: readonly (Look | Error)[], dispatcher: () => Json = () => ({ shards: 3 })): Promise<Ran> {
      const ran = { dispatched: [] as unknown[], supervised: [] as Supervision[], published: [] as unknown[] };
      const left = [...answers];
      const supervise = (call: unknown): Promise<Json> => {
        ran.supervised.push(supervisionSchema.parse(call));
        const answer = left.length > 1 ? left.shift()! : left[0]!;
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as unknown as Json);
      };
      const states = definition();
      const names = (type: string): string[] => Object.keys(states.States).filter((name) => states.States[name].Type === type);
      const execution = new StateMachine(states).run(input as Parameters<StateMachine['run']>[0], {
        overrides: {
          taskResourceLocalHandlers: {
            Dispatch: async (call: unknown) => {
              ran.dispatched.push(executionSchema.parse(call));
              return dispatcher();
            },
            Supervise: supervise,
            Finish: supervise,
            Notify: async (call: unknown) => {
              ran.published.push(call);
              return { MessageId: '1' };
            },
          },
          waitTimeOverrides: Object.fromEntries(names('Wait').map((name) => [name, 0])),
          retryIntervalOverrides: Object.fromEntries(names('Task').map((name) => [name, 0])),
        },
      });
      try {
        await execution.result;
        assert(left.length === 1, 'every answer was asked for');
        return ran;
      } catch (error) {
        return { ...ran, error: error as Error };
      }
    }

    const published = [
      {
        TopicArn: 'arn:aws:sns:us-east-1:123456789012:notices',
        Subject: `Mailwright: ${INPUT.job} succeeded`,
        Message: JSON.stringify(NOTICE),
        MessageAttributes: { outcome: { DataType: 'String', StringValue: 'succeeded' } },
      },
    ];

    it('dispatches, looks until there is nothing to wait for, finishes and tells', async () => {
      const ran = await run(INPUT, [look('wait', 1), look('wait', 2), look('finish', 3), look('notify', 3)]);
      assert.deepEqual(ran, {
        dispatched: [INPUT],
        supervised: [
          { step: 'supervise', ...INPUT },
          { step: 'supervise', ...INPUT, watch: { ...WATCH, seen: 1 } },
          { step: 'supervise', ...INPUT, watch: { ...WATCH, seen: 2 } },
          { step: 'finish', ...INPUT, watch: { ...WATCH, seen: 3 } },
        ],
        published,
      });
    });

    it('waits to finish for so long as it has to', async () => {
      const ran = await run(INPUT, [look('finish'), look('wait', 1), look('wait', 2), look('notify')]);
      assert.deepEqual(
        ran.supervised.map(({ step, watch }) => [step, watch?.seen]),
        [
          ['supervise', undefined],
          ['finish', 0],
          ['finish', 1],
          ['finish', 2],
        ],
      );
      assert.deepEqual(ran.published, published);
    });

    it('tries again before it gives up', async () => {
      const ran = await run(INPUT, [new Error('no'), new Error('no'), look('finish'), new Error('no'), look('notify')]);
      assert.deepEqual(
        ran.supervised.map(({ step }) => step),
        ['supervise', 'supervise', 'supervise', 'finish', 'finish'],
      );
      assert.equal(ran.error, undefined);
      assert.deepEqual(ran.published, published);
    });

    it('closes the attempt where its shards cannot be dispatched, and says why', async () => {
      const ran = await run(INPUT, [look('wait'), look('notify')], () => {
        throw new Error('the queue is gone');
      });
      assert.equal(ran.dispatched.length, 6);
      assert.deepEqual(
        ran.supervised.map(({ step }) => step),
        ['finish', 'finish'],
      );
      for (const { failure } of ran.supervised) assert.match(JSON.stringify(failure), /the queue is gone/);
      assert.deepEqual(ran.published, published);
    });

    it('closes the attempt where it cannot be watched over, and keeps what the supervisor remembered', async () => {
      const failed = Array.from({ length: 13 }, () => new Error('out of memory'));
      const ran = await run(INPUT, [look('wait', 4), ...failed, look('notify')]);
      const last = ran.supervised.at(-1)!;
      assert.deepEqual([last.step, last.watch?.seen], ['finish', 4]);
      assert.match(JSON.stringify(last.failure), /out of memory/);
      assert.deepEqual(ran.published, published);
    });

    it('a rescue dispatches nothing: it finishes', async () => {
      const ran = await run({ ...INPUT, rescue: 1 }, [look('wait', 1), look('notify')]);
      assert.deepEqual(ran, {
        dispatched: [],
        supervised: [
          { step: 'finish', ...INPUT },
          { step: 'finish', ...INPUT, watch: { ...WATCH, seen: 1 } },
        ],
        published,
      });
    });

    it('fails where it cannot finish, so that the rule sees it', async () => {
      const ran = await run(INPUT, [look('finish'), new Error('no bucket')]);
      assert.match(String(ran.error?.message), /no bucket/);
      assert.deepEqual(ran.published, []);
      assert.equal(ran.supervised.filter(({ step }) => step === 'finish').length, 31);
    });

    it('is a standard one that logs every step, and ends a little after the last attempt', () => {
      const { StateMachineType, LoggingConfiguration, StateMachineName } = properties('AttemptsMachine');
      assert.deepEqual(
        [StateMachineType, LoggingConfiguration.Level, line(StateMachineName)],
        ['STANDARD', 'ALL', '<AWS::StackName>-attempts'],
      );
      const { TimeoutSeconds } = definition();
      assert.equal(TimeoutSeconds, TIMES.deadline + CLOSING);
      assert(CLOSING > 2 * TIMES.lease);
    });

    it('has room for the longest attempt in the 25,000 events of an execution', () => {
      const { States } = definition();
      const loop: string[] = [];
      for (let at = 'Supervise'; loop.length === 0 || at !== 'Supervise'; at = States[at].Next ?? States[at].Choices[0].Next) loop.push(at);
      assert.deepEqual(loop, ['Supervise', 'Remember', 'Go on', 'Wait']);
      // A task is scheduled, started and succeeds besides being entered and left.
      const events = loop.reduce((sum, name) => sum + (States[name].Type === 'Task' ? 5 : 2), 0);
      const loops = (TIMES.deadline + CLOSING) / TIMES.longestWait + 100; // the first waits are shorter
      assert(loops * events < 20_000, `${loops * events}`);
    });
  });
});
