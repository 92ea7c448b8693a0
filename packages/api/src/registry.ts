import { type Decoded, object, string } from './shape.ts';

/** Who asks a registry: the body of POST /auth, and in base64url the header X-Registry-Auth. */
export const authBody = object({
  username: string,
  password: string,
  auth: string,
  email: string,
  serveraddress: string,
  identitytoken: string,
  registrytoken: string,
});
export type AuthBody = Decoded<typeof authBody>;

export interface AuthAnswer {
  Status: string;
  /** Takes the place of the password, when the registry gave one. */
  IdentityToken: string;
}

/** A repository that a search has found, as docker's hub tells of it. */
export interface SearchResult {
  name: string;
  description: string;
  star_count: number;
  is_official: boolean;
  is_automated: boolean;
}

/** What a registry has under a name. */
export interface DistributionInspect {
  Descriptor: { mediaType: string; digest: string; size: number };
  Platforms: { architecture: string; os: string; variant?: string }[];
}
