/** Conversations with registries, for programs beside the engine. */
export { certificateFolders } from './certificates.ts';
export { createRegistryClient, type OpenOptions, type RegistryClient } from './client.ts';
export { anonymous, type Credentials } from './credentials.ts';
export { downloadBlob } from './download.ts';
export { RegistryError } from './failure.ts';
export { Unreachable } from './http.ts';
export { digestOf, type FetchedManifest, fetchManifest, mediaTypes, storeManifest } from './manifests.ts';
export type { Session } from './session.ts';
export { hasBlob, pushBlob } from './upload.ts';
