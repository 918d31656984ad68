import { zipSync } from 'fflate';

/** A small stack for the tests of the emulator: a bucket, a queue with dead letters, functions, a state machine with a rule. */

const PROGRAM = `
import { createHash, createHmac } from 'node:crypto';

const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const hmac = (key, data) => createHmac('sha256', key).update(data).digest();

/** What the SDK would do, in the few lines that the tests need. */
async function s3(path, method, body = '', more = {}) {
  const { AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  const date = new Date().toISOString().replace(/[-:]|\\.\\d+/g, '');
  const scope = [date.slice(0, 8), AWS_REGION, 's3', 'aws4_request'];
  const headers = { 'x-amz-content-sha256': sha256(body), 'x-amz-date': date, 'x-amz-security-token': AWS_SESSION_TOKEN };
  const names = Object.keys(headers);
  const canonical = [method, path, '', ...names.map((name) => name + ':' + headers[name]), '', names.join(';'), sha256(body)];
  const toSign = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical.join('\\n'))].join('\\n');
  const signature = hmac(scope.reduce(hmac, 'AWS4' + AWS_SECRET_ACCESS_KEY), toSign).toString('hex');
  const authorization =
    'AWS4-HMAC-SHA256 Credential=' + [AWS_ACCESS_KEY_ID, ...scope].join('/') + ', SignedHeaders=' + names.join(';') + ', Signature=' + signature;
  const response = await fetch(AWS_ENDPOINT_URL + path, {
    method,
    headers: { ...headers, ...more, authorization },
    ...(method === 'GET' ? {} : { body }),
  });
  return { status: response.status, body: await response.text() };
}

export async function handler(event, context) {
  if (event.routeKey) return { statusCode: 201, headers: { 'content-type': 'application/json' }, body: event.body };
  if (event.Records) {
    const failed = [];
    for (const { body, messageId } of event.Records) {
      const task = JSON.parse(body);
      if (task.poison) failed.push({ itemIdentifier: messageId });
      else {
        const { status } = await s3('/' + process.env.BUCKET + '/' + task.key, 'PUT', 'made');
        if (status !== 200) failed.push({ itemIdentifier: messageId });
      }
    }
    return { batchItemFailures: failed };
  }
  switch (event.do) {
    case 'echo':
      return { event, name: context.functionName, memory: context.memoryLimitInMB, left: context.getRemainingTimeInMillis(), times: process.env.TIMES };
    case 'log':
      console.log(JSON.stringify({
        _aws: { Timestamp: Date.now(), CloudWatchMetrics: [{ Namespace: 'Mailwright', Dimensions: [['Function']], Metrics: [{ Name: 'Messages' }] }] },
        Function: 'test', Messages: 256,
      }));
      return null;
    case 'throw':
      throw Object.assign(new Error('no'), { name: 'TestError' });
    case 'sleep':
      await new Promise((resolve) => setTimeout(resolve, event.milliseconds));
      return 'slept';
    case 'exit':
      process.exit(3);
    case 'fill': {
      const all = [];
      for (;;) {
        all.push(Buffer.alloc(8 * 1024 * 1024, 1));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    case 'get':
      return s3('/' + process.env.BUCKET + '/' + event.key, 'GET');
    case 'put':
      return s3('/' + process.env.BUCKET + '/' + event.key, 'PUT', 'put');
    case 'wait':
      return { next: (event.turn ?? 0) < 2 ? 'wait' : 'done', turn: (event.turn ?? 0) + 1, wait: 0.01 };
    default:
      console.log('told', JSON.stringify(event));
      return null;
  }
}
`;

/** The code of all functions of the stack. */
export const bundle = (): Buffer => Buffer.from(zipSync({ 'index.mjs': Buffer.from(PROGRAM) }));

export interface StackOptions {
  readonly codeBucket: string;
  readonly codeKey: string;
  /** Environment and time-outs as the job's clockwork has them. */
  readonly times?: object;
  readonly description?: string;
}

const allow = (Action: string | string[], Resource: unknown, Condition?: object): object => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});

const trust = (service: string): object => ({
  Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
});

const att = (id: string, name = 'Arn'): object => ({ 'Fn::GetAtt': [id, name] });

export function stackTemplate({ times = {}, description = 'A test' }: Omit<StackOptions, 'codeBucket' | 'codeKey'> = {}): string {
  const corpora = { 'Fn::Sub': '${Bucket.Arn}/corpora/*' };
  const role = (service: string, ...statements: object[]): object => ({
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: trust(service),
      Policies: [{ PolicyName: 'own', PolicyDocument: { Statement: statements } }],
    },
  });
  const lambda = (name: string, roleId: string, more: object = {}): object => ({
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: { 'Fn::Join': ['-', [{ Ref: 'AWS::StackName' }, name]] },
      Code: { S3Bucket: { Ref: 'CodeBucket' }, S3Key: { Ref: 'CodeKey' } },
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Role: att(roleId),
      MemorySize: 128,
      Timeout: 20,
      Environment: { Variables: { BUCKET: { Ref: 'Bucket' }, TIMES: JSON.stringify(times), LEVEL: { Ref: 'Level' } } },
      ...more,
    },
  });
  return JSON.stringify({
    Description: description,
    Parameters: {
      CodeBucket: { Type: 'String' },
      CodeKey: { Type: 'String' },
      Level: { Type: 'Number', Default: 1, MinValue: 1, MaxValue: 3 },
      Email: { Type: 'String', Default: '' },
    },
    Conditions: { HasEmail: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'Email' }, ''] }] } },
    Resources: {
      Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: { 'Fn::Sub': '${AWS::StackName}-corpora' } } },
      DeadLetters: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 60 } },
      Queue: {
        Type: 'AWS::SQS::Queue',
        Properties: { VisibilityTimeout: 60, RedrivePolicy: { deadLetterTargetArn: att('DeadLetters'), maxReceiveCount: 2 } },
      },
      Topic: { Type: 'AWS::SNS::Topic' },
      Mail: {
        Type: 'AWS::SNS::Subscription',
        Condition: 'HasEmail',
        Properties: { TopicArn: { Ref: 'Topic' }, Protocol: 'email', Endpoint: { Ref: 'Email' } },
      },
      WorkerRole: role(
        'lambda.amazonaws.com',
        allow(['s3:GetObject', 's3:PutObject'], corpora),
        allow('s3:ListBucket', att('Bucket'), { StringLikeIfExists: { 's3:prefix': 'corpora/*' } }),
        allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], att('Queue')),
      ),
      Worker: lambda('worker', 'WorkerRole'),
      Source: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          FunctionName: { Ref: 'Worker' },
          EventSourceArn: att('Queue'),
          BatchSize: 1,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          ScalingConfig: { MaximumConcurrency: 2 },
        },
      },
      WatcherRole: role('lambda.amazonaws.com', allow('s3:GetObject', corpora)),
      Watcher: lambda('watcher', 'WatcherRole'),
      WatcherVersion: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Watcher' }, Description: { Ref: 'Level' } } },
      WatcherLive: {
        Type: 'AWS::Lambda::Alias',
        Properties: { FunctionName: { Ref: 'Watcher' }, FunctionVersion: att('WatcherVersion', 'Version'), Name: 'live' },
      },
      MachineRole: role('states.amazonaws.com', allow('lambda:InvokeFunction', [att('Watcher')]), allow('sns:Publish', { Ref: 'Topic' })),
      Machine: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: {
          StateMachineName: { 'Fn::Sub': '${AWS::StackName}-attempts' },
          RoleArn: att('MachineRole'),
          DefinitionString: JSON.stringify({
            StartAt: 'Look',
            TimeoutSeconds: 3600,
            States: {
              Look: {
                Type: 'Task',
                Resource: '${Watcher}',
                Retry: [{ ErrorEquals: ['TestError'], IntervalSeconds: 60, MaxAttempts: 1 }],
                Catch: [{ ErrorEquals: ['TestError'], ResultPath: '$.failure', Next: 'Notify' }],
                Next: 'Go on',
              },
              'Go on': { Type: 'Choice', Choices: [{ Variable: '$.next', StringEquals: 'wait', Next: 'Wait' }], Default: 'Notify' },
              Wait: { Type: 'Wait', SecondsPath: '$.wait', Next: 'Again' },
              Again: { Type: 'Pass', Parameters: { do: 'wait', 'turn.$': '$.turn' }, Next: 'Look' },
              Notify: {
                Type: 'Task',
                Resource: 'arn:aws:states:::sns:publish',
                Parameters: {
                  TopicArn: '${Topic}',
                  Subject: 'done',
                  'Message.$': '$',
                  MessageAttributes: { outcome: { DataType: 'String', StringValue: 'fine' } },
                },
                End: true,
              },
            },
          }),
          DefinitionSubstitutions: { Watcher: att('Watcher'), Topic: { Ref: 'Topic' } },
        },
      },
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          EventPattern: {
            source: ['aws.states'],
            'detail-type': ['Step Functions Execution Status Change'],
            detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'], stateMachineArn: [{ Ref: 'Machine' }] },
          },
          Targets: [{ Id: 'watcher', Arn: att('Watcher') }],
        },
      },
      RulePermission: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          FunctionName: att('Watcher'),
          Principal: 'events.amazonaws.com',
          Action: 'lambda:InvokeFunction',
          SourceArn: att('Rule'),
        },
      },
      Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'calls', ProtocolType: 'HTTP' } },
      Integration: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          ApiId: { Ref: 'Api' },
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: { Ref: 'WatcherLive' },
          PayloadFormatVersion: '2.0',
        },
      },
      Route: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          ApiId: { Ref: 'Api' },
          RouteKey: 'POST /calls',
          AuthorizationType: 'AWS_IAM',
          Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
        },
      },
      Stage: { Type: 'AWS::ApiGatewayV2::Stage', Properties: { ApiId: { Ref: 'Api' }, StageName: '$default', AutoDeploy: true } },
      ApiPermission: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          FunctionName: { Ref: 'WatcherLive' },
          Principal: 'apigateway.amazonaws.com',
          Action: 'lambda:InvokeFunction',
          SourceArn: { 'Fn::Sub': 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/POST/calls' },
        },
      },
      UserAccess: {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: {
          ManagedPolicyName: { 'Fn::Sub': '${AWS::StackName}-user' },
          PolicyDocument: { Statement: [allow('lambda:InvokeFunction', { Ref: 'WatcherLive' }), allow('s3:GetObject', corpora)] },
        },
      },
    },
    Outputs: {
      Bucket: { Value: { Ref: 'Bucket' } },
      Queue: { Value: { Ref: 'Queue' } },
      Url: { Value: { 'Fn::Sub': '${Api.ApiEndpoint}/calls' } },
      Machine: { Value: { Ref: 'Machine' } },
      Watcher: { Value: { Ref: 'WatcherLive' }, Description: 'What users invoke' },
    },
  });
}
