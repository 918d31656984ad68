import { arn, nameOf, type ResourceKind, type Site } from './resource-kind.ts';
import type { Built, Properties } from './template.ts';

/** Resources that are only noted: nothing in the emulator looks at them. Their properties stay with the stack. */

function recorded(
  name: (site: Site, properties: Properties) => string,
  attributes: (site: Site, name: string) => Built['attributes'],
): ResourceKind {
  return {
    create(site, properties) {
      const physicalId = name(site, properties);
      return { physicalId, attributes: attributes(site, physicalId) };
    },
    update: (_site, built) => built,
    delete: () => undefined,
  };
}

const named = (property: string) => (site: Site, properties: Properties) => nameOf(site, properties, property);

const policy = recorded(
  (site) => nameOf(site, {}, ''),
  () => ({}),
);

export const recordKinds: Readonly<Record<string, ResourceKind>> = {
  'AWS::S3::BucketPolicy': policy,
  'AWS::SQS::QueuePolicy': policy,
  'AWS::SNS::TopicPolicy': policy,
  'AWS::Logs::LogGroup': recorded(named('LogGroupName'), (site, name) => ({ Arn: arn(site, 'logs', `log-group:${name}:*`) })),
  'AWS::CloudWatch::Alarm': recorded(named('AlarmName'), (site, name) => ({ Arn: arn(site, 'cloudwatch', `alarm:${name}`) })),
  'AWS::CloudWatch::CompositeAlarm': recorded(named('AlarmName'), (site, name) => ({ Arn: arn(site, 'cloudwatch', `alarm:${name}`) })),
  'AWS::CloudWatch::Dashboard': recorded(named('DashboardName'), () => ({})),
  'AWS::Logs::MetricFilter': policy,
};
