import type { Queue } from '../fauxqs.ts';
import { AwsError } from '../aws-error.ts';
import { arn, generatedName, nameOf, text, type ResourceKind, type Site } from './resource-kind.ts';
import type { Built, Properties } from './template.ts';

/** S3, SQS, SNS. */

const bucket: ResourceKind = {
  replaceOn: ['BucketName'],
  create(site, properties) {
    const name = text(properties, 'BucketName') ?? generatedName(site).toLowerCase();
    const { objects } = site.services.storage;
    if (objects.buckets.has(name)) throw new Error(`${name} already exists`);
    objects.createBucket(name);
    return bucketNamed(site, name);
  },
  update: (_site, built) => built,
  delete({ services }, { physicalId }) {
    const { objects } = services.storage;
    if (!objects.buckets.has(physicalId)) return;
    if (objects.buckets.get(physicalId)!.size > 0)
      throw new Error('The bucket you tried to delete is not empty (Service: S3, Status Code: 409)');
    objects.deleteBucket(physicalId);
  },
};

const bucketNamed = ({ services }: Site, name: string): Built => ({
  physicalId: name,
  attributes: {
    Arn: `arn:aws:s3:::${name}`,
    DomainName: `${name}.s3.amazonaws.com`,
    RegionalDomainName: `${name}.s3.${services.region}.amazonaws.com`,
  },
});

/** Attributes of a queue that fauxqs has. */
const QUEUE_ATTRIBUTES = ['DelaySeconds', 'MaximumMessageSize', 'MessageRetentionPeriod', 'ReceiveMessageWaitTimeSeconds'];

/** SQS keeps whole seconds: rounded up, so that a message stays hidden at least as long as it should. */
function queueAttributes({ services }: Site, properties: Properties): Record<string, string> {
  const attributes = Object.fromEntries(
    QUEUE_ATTRIBUTES.filter((name) => properties[name] !== undefined).map((name) => [name, String(properties[name])]),
  );
  attributes['VisibilityTimeout'] = String(Math.max(1, Math.ceil(visibilityOf(properties) / services.scale)));
  if (properties['RedrivePolicy'] !== undefined) attributes['RedrivePolicy'] = JSON.stringify(properties['RedrivePolicy']);
  return attributes;
}

const visibilityOf = (properties: Properties): number => Number(properties['VisibilityTimeout'] ?? 30);

/** Seconds, with their fraction, for which a message of a queue stays hidden. */
const visibilities = new WeakMap<Queue, number>();
export const scaledVisibility = (queue: Queue): number => visibilities.get(queue) ?? Number(queue.attributes['VisibilityTimeout']);

const queue: ResourceKind = {
  replaceOn: ['QueueName', 'FifoQueue'],
  create(site, properties) {
    const { services } = site;
    const name = nameOf(site, properties, 'QueueName');
    const queueArn = arn(site, 'sqs', name);
    if (services.storage.queues.getQueueByArn(queueArn)) throw new Error(`${name} already exists`);
    const url = `${services.endpoint}/${services.account}/${name}`;
    const made = services.storage.queues.createQueue(name, url, queueArn, queueAttributes(site, properties));
    visibilities.set(made, visibilityOf(properties) / services.scale);
    return { physicalId: url, attributes: { Arn: queueArn, QueueName: name, QueueUrl: url } };
  },
  update(site, built, properties) {
    const made = site.services.storage.queues.getQueueByArn(built.attributes['Arn']!)!;
    made.setAttributes(queueAttributes(site, properties));
    visibilities.set(made, visibilityOf(properties) / site.services.scale);
    return built;
  },
  delete({ services }, { physicalId }) {
    services.storage.queues.deleteQueue(physicalId);
  },
};

const topic: ResourceKind = {
  replaceOn: ['TopicName'],
  create(site, properties) {
    const { services } = site;
    const name = nameOf(site, properties, 'TopicName');
    const made = services.storage.topics.createTopic(name, {}, undefined, services.region);
    return { physicalId: made.arn, attributes: { TopicArn: made.arn, TopicName: name } };
  },
  update: (_site, built) => built,
  delete({ services }, { physicalId }) {
    services.storage.topics.deleteTopic(physicalId);
  },
};

const subscription: ResourceKind = {
  create({ services }, properties) {
    const attributes: Record<string, string> = {};
    if (properties['FilterPolicy'] !== undefined) attributes['FilterPolicy'] = JSON.stringify(properties['FilterPolicy']);
    for (const name of ['FilterPolicyScope', 'RawMessageDelivery'])
      if (properties[name] !== undefined) attributes[name] = String(properties[name]);
    const made = services.storage.topics.subscribe(
      text(properties, 'TopicArn')!,
      text(properties, 'Protocol')!,
      text(properties, 'Endpoint')!,
      attributes,
    );
    if (!made) throw new AwsError(404, 'NotFound', 'Topic does not exist');
    return { physicalId: made.arn, attributes: { Arn: made.arn } };
  },
  delete({ services }, { physicalId }) {
    services.storage.topics.unsubscribe(physicalId);
  },
};

export const messagingKinds: Readonly<Record<string, ResourceKind>> = {
  'AWS::S3::Bucket': bucket,
  'AWS::SQS::Queue': queue,
  'AWS::SNS::Topic': topic,
  'AWS::SNS::Subscription': subscription,
};
