import { FlagValueError, flag } from '../../../flag.ts';

/** A flag that docker has and that cannot do its work here: refused when it is given, and not shown. */
function refused(name: string, why: string) {
  return {
    name,
    hidden: true,
    summary: why,
    type: 'string',
    default: undefined,
    parse: (): undefined => {
      throw new FlagValueError(why);
    },
  };
}

/** Flags that docker still takes though they have lost their work, or that have none here. */
export const obsoleteFlags = {
  disableContentTrust: flag.custom({
    summary: 'Do not verify signatures of images',
    hidden: true,
    type: 'bool',
    default: true,
    parse: (text) => {
      if (!/^(1|t|true)$/i.test(text))
        throw new FlagValueError('signatures of images cannot be verified here');
      return true;
    },
  }),
  kernelMemory: flag.custom(refused('kernel-memory', 'kernels have no such limit any more')),
};
