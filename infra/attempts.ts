import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Functions } from './functions.ts';
import { STATE_MACHINE } from './names.ts';
import type { Parameters } from './parameters.ts';
import { forThisAccount, logDelivery, tasks } from './permissions.ts';
import { attemptDefinition } from './state-machine.ts';

/** The state machine: one execution an attempt. What ends badly is told to the supervisor, which starts another that ends the attempt. */
export class Attempts {
  readonly machine: StateMachine;

  constructor(scope: Construct, parameters: Parameters, functions: Functions, topic: Topic) {
    const { dispatcher, supervisor } = functions;
    const role = new Role(scope, 'AttemptsRole', {
      assumedBy: new ServicePrincipal('states.amazonaws.com', { conditions: forThisAccount }),
      inlinePolicies: {
        attempts: new PolicyDocument({
          statements: [...tasks([dispatcher.functionArn, supervisor.functionArn], topic.topicArn), logDelivery()],
        }),
      },
    });
    const log = new LogGroup(scope, 'AttemptsLog', {
      logGroupName: `/aws/vendedlogs/states/${STATE_MACHINE}`, // this beginning spares a resource policy of the log, which have a quota
      retention: parameters.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const definition = attemptDefinition({
      dispatcher: dispatcher.functionArn,
      supervisor: supervisor.functionArn,
      publish: `arn:${Aws.PARTITION}:states:::sns:publish`,
      topic: topic.topicArn,
    });
    this.machine = new StateMachine(scope, 'AttemptsMachine', {
      stateMachineName: STATE_MACHINE,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(Stack.of(scope).toJsonString(definition)),
      role: role.withoutPolicyUpdates(), // CDK would add what is there already
      logs: { destination: log, level: LogLevel.ALL, includeExecutionData: true },
    });
    new Rule(scope, 'EndedBadly', {
      description: 'Tells the supervisor of executions that ended without an outcome of their attempt',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'], stateMachineArn: [this.machine.stateMachineArn] },
      },
      targets: [new LambdaFunction(supervisor, { retryAttempts: 185, maxEventAge: Duration.hours(24) })],
    });
  }
}
