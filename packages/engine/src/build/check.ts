import type { BuildFinding, IgnoreRules } from '@davit/api';
import { EngineError } from '../errors.ts';
import type { ImageService } from '../images/service.ts';
import type { BuildOptions } from './build.ts';
import { lint, readLintSettings } from './lint/lint.ts';
import type { Plan } from './plan.ts';

/** An argument of the build that goes before the directive `check`, as docker has it. */
export const checkArgument = 'BUILDKIT_DOCKERFILE_CHECK';

interface CheckSources {
  buildArgs: BuildOptions['buildArgs'];
  images: Pick<ImageService, 'resolve'>;
  ignore: IgnoreRules | null;
}

/** What the build checks find in a Dockerfile, and whether a build of it is to fail for that. Throws `badParameter`. */
export function checkPlan(
  plan: Plan,
  { buildArgs, images, ignore }: CheckSources,
): { findings: BuildFinding[]; fails: boolean } {
  const { file, preamble, all, stages } = plan;
  const settings = readLintSettings(buildArgs[checkArgument] ?? file.directives.get('check') ?? '');
  const variablesOf = (image: string): string[] | null => {
    try {
      return (images.resolve(image).config.Env ?? []).map((line) => line.split('=', 1)[0] ?? '');
    } catch (error) {
      if (error instanceof EngineError) return null;
      throw error;
    }
  };
  const needed = new Set(stages.map(({ index }) => index));
  const findings = lint({ file, preamble, stages: all, needed, variablesOf, ignore }, settings);
  return { findings, fails: settings.error && findings.length > 0 };
}
