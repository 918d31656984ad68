import { CfnParameter, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, CfnBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { PREFIX } from './names.ts';

/** The bucket of the corpora. `destroy` empties it before the stack is deleted; should it ever be replaced, the old one stays. */
export function makeBucket(scope: Construct, expiryDays: CfnParameter): Bucket {
  const bucket = new Bucket(scope, 'CorporaBucket', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    lifecycleRules: [
      { id: 'expiry', prefix: PREFIX, expiration: Duration.days(expiryDays.valueAsNumber) },
      { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ],
  });
  (bucket.node.defaultChild as CfnBucket).applyRemovalPolicy(RemovalPolicy.DESTROY, { applyToUpdateReplacePolicy: false });
  return bucket;
}
