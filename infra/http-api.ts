import { Aws, CfnOutput, CfnResource, Fn, RemovalPolicy } from 'aws-cdk-lib';
import { CfnApi, CfnIntegration, CfnRoute, CfnStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { type Alias, CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Parameters } from './parameters.ts';

/** Calls a second, for all callers together, and at once. */
const RATE = 10;
const BURST = 20;

const ACCESS_LOG = {
  at: '$context.requestTime',
  request: '$context.requestId',
  caller: '$context.identity.userArn',
  ip: '$context.identity.sourceIp',
  route: '$context.routeKey',
  status: '$context.status',
  error: '$context.error.message',
  integrationError: '$context.integrationErrorMessage',
};

/** POST /calls: the calls of the coordinator, for who has no SDK. Only where the parameter HttpApi is `on`. */
export class HttpApi extends Construct {
  constructor(scope: Construct, parameters: Parameters, coordinator: Alias) {
    super(scope, 'Calls');
    const api = new CfnApi(this, 'Api', {
      name: `${Aws.STACK_NAME}-calls`,
      protocolType: 'HTTP',
      description: 'The calls of the coordinator, signed with IAM',
    });
    const integration = new CfnIntegration(this, 'Integration', {
      apiId: api.ref,
      integrationType: 'AWS_PROXY',
      integrationUri: coordinator.functionArn,
      payloadFormatVersion: '2.0',
    });
    new CfnRoute(this, 'Route', {
      apiId: api.ref,
      routeKey: 'POST /calls',
      authorizationType: 'AWS_IAM',
      target: Fn.join('/', ['integrations', integration.ref]),
    });
    const log = new LogGroup(this, 'Log', {
      logGroupName: `/aws/apigateway/${Aws.STACK_NAME}-calls`,
      retention: parameters.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new CfnStage(this, 'Stage', {
      apiId: api.ref,
      stageName: '$default',
      autoDeploy: true,
      defaultRouteSettings: { throttlingRateLimit: RATE, throttlingBurstLimit: BURST },
      accessLogSettings: { destinationArn: log.logGroupArn, format: JSON.stringify(ACCESS_LOG) },
    });
    new CfnPermission(this, 'Permission', {
      action: 'lambda:InvokeFunction',
      functionName: coordinator.functionArn,
      principal: 'apigateway.amazonaws.com',
      sourceArn: `arn:${Aws.PARTITION}:execute-api:${Aws.REGION}:${Aws.ACCOUNT_ID}:${api.ref}/*/POST/calls`, // `*`: the one stage
    });
    const url = new CfnOutput(scope, 'HttpApiUrl', {
      value: `${api.attrApiEndpoint}/calls`,
      description: 'The HTTP API: POST, signed with IAM',
    });
    url.condition = parameters.hasHttpApi;
    for (const made of this.node.findAll()) if (CfnResource.isCfnResource(made)) made.cfnOptions.condition = parameters.hasHttpApi;
  }
}
