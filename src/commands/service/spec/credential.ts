import type { ConfigReference, ServiceContainer } from '@davit/api';

/** Where Windows finds the account of a service: one of the three is set. */
export interface CredentialSpec {
  Config: string;
  File: string;
  Registry: string;
}

const none: CredentialSpec = { Config: '', File: '', Registry: '' };

/** Reads --credential-spec; null when the text is empty. Throws Error in docker's words. */
export function parseCredentialSpec(text: string): CredentialSpec | null {
  if (text === '') return null;
  const [, scheme, value = ''] = /^(config|file|registry):\/\/(.*)$/s.exec(text) ?? [];
  switch (scheme) {
    case 'config':
      return { ...none, Config: value };
    case 'file':
      return { ...none, File: value };
    case 'registry':
      return { ...none, Registry: value };
    default:
      throw new Error(
        'invalid credential spec: value must be prefixed with "config://", "file://", or "registry://"',
      );
  }
}

/** The privileges of a container with an account; a config is named by its ID. */
export function withCredentialSpec(
  privileges: ServiceContainer['Privileges'],
  spec: CredentialSpec | null,
  configs: readonly ConfigReference[],
): ServiceContainer['Privileges'] {
  const before = privileges ?? (spec ? { SELinuxContext: null, NoNewPrivileges: false } : null);
  if (!before) return null;
  const config = configs.find(({ ConfigName, Runtime }) => Runtime && ConfigName === spec?.Config);
  return { ...before, CredentialSpec: spec && { ...spec, Config: config?.ConfigID ?? spec.Config } };
}
