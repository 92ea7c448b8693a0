import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { tar } from '../support/image.ts';

export const digestOf = (content: Buffer | string): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`;

/** An image in a registry, of one layer, with everything that can be said about it. */
export interface Offer {
  layer: Buffer;
  diffId: string;
  config: Buffer | string;
  /** Changes the manifest before it is offered. */
  change?(manifest: Manifest): unknown;
}

export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

export interface Manifest {
  schemaVersion: number;
  mediaType: string;
  config: Descriptor;
  layers: Descriptor[];
}

const types = 'application/vnd.docker';
export const manifestType = `${types}.distribution.manifest.v2+json`;

/** The configuration of an image with these layers. */
export const configOf = (...diffIds: string[]): string =>
  JSON.stringify({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: { Cmd: ['sh'] },
    rootfs: { type: 'layers', diff_ids: diffIds },
  });

/** An image as it should be, that has `archive` as its layer. */
export function offerOf(archive: Buffer): Offer {
  const diffId = digestOf(archive);
  return { layer: gzipSync(archive, { level: 1 }), diffId, config: configOf(diffId) };
}

/** An image with nothing wrong about it. */
export const honest = async (): Promise<Offer> => offerOf(await tar([{ name: 'file', content: 'content' }]));

export function manifestOf({ layer, config, change }: Offer): Buffer {
  const describe = (mediaType: string, content: Buffer | string): Descriptor => ({
    ...{ mediaType, digest: digestOf(content), size: Buffer.byteLength(content) },
  });
  const manifest: Manifest = {
    ...{ schemaVersion: 2, mediaType: manifestType },
    config: describe(`${types}.container.image.v1+json`, config),
    layers: [describe(`${types}.image.rootfs.diff.tar.gzip`, layer)],
  };
  return Buffer.from(JSON.stringify(change ? change(manifest) : manifest));
}

/** What a request asks for. */
export interface Asked {
  kind: 'ping' | 'manifest' | 'config' | 'layer' | 'other';
  reference: string;
  offer: Offer;
  request: IncomingMessage;
  response: ServerResponse;
}

/** Sends a content that is whole. */
export function send(
  response: ServerResponse,
  content: Buffer | string,
  type = 'application/octet-stream',
): void {
  response
    .writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(content) })
    .end(content);
}

/** Answers as an honest registry would. */
export function answerHonestly({ kind, offer, response }: Asked): void {
  if (kind === 'ping') response.writeHead(200).end();
  else if (kind === 'manifest') send(response, manifestOf(offer), manifestType);
  else if (kind === 'config') send(response, offer.config);
  else if (kind === 'layer') send(response, offer.layer);
  else response.writeHead(404).end();
}
