// Sources of S3-compatible object stores; need the package @aws-sdk/client-s3.
export {
  type ObjectStoreSource,
  objectStoreSource,
  type ObjectStoreSourceOptions,
} from "./object-store/object-store-source.ts";
