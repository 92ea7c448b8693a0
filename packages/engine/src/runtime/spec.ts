import type { SpecInput } from './input.ts';
import type { OciSpec } from './oci.ts';

export interface BuiltSpec {
  spec: OciSpec;
  /** What was asked for and cannot be had on this machine, for the person who asked. */
  warnings: string[];
}
export type BuildSpec = (input: SpecInput) => BuiltSpec;
