import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OciSpec } from './oci.ts';

/** Seccomp filters that crun has compiled, to be used again: it takes half of the time of a start to make one. */
export interface FilterCache {
  /** The container with the filter for its seccomp rules, if that is known. */
  supply(id: string, spec: OciSpec): OciSpec;
  /** Keeps the filter that crun has made for a container; `state` is the folder that it keeps of it. */
  learn(id: string, state: string): Promise<void>;
}

/** crun takes a filter from here, base64, in place of the rules. Other runtimes do not look at it. */
const annotation = 'run.oci.seccomp_bpf_data';
/** Rules differ by capabilities and profiles, of which there are few on one machine. */
const mostFilters = 16;

export function createFilterCache(): FilterCache {
  const filters = new Map<string, string>();
  /** Rules of the containers that are being made without a filter. */
  const wanted = new Map<string, string>();
  return {
    supply(id, spec) {
      if (!spec.linux.seccomp || annotation in (spec.annotations ?? {})) return spec;
      const rules = JSON.stringify(spec.linux.seccomp);
      const filter = filters.get(rules);
      if (filter !== undefined)
        return { ...spec, annotations: { ...spec.annotations, [annotation]: filter } };
      wanted.set(id, rules);
      return spec;
    },
    async learn(id, state) {
      const rules = wanted.get(id);
      if (rules === undefined) return;
      wanted.delete(id);
      const filter = await readFile(join(state, 'seccomp.bpf'), 'base64').catch(() => '');
      if (filter === '') return;
      const [oldest] = filters.keys();
      if (filters.size >= mostFilters && oldest !== undefined) filters.delete(oldest);
      filters.set(rules, filter);
    },
  };
}
