/** What davit reads of docker's config.json; the rest is kept as it is. */
export interface ConfigFile {
  /** The directory that holds config.json, contexts and plugins. */
  readonly directory: string;
  readonly currentContext: string;
  readonly detachKeys: string;
  /** Headers sent with every request. */
  readonly httpHeaders: Record<string, string>;
  /** Default templates: `psFormat`, `imagesFormat`, … as written in the file. */
  format(key: string): string;
  readonly proxies: Record<string, Record<string, string>>;
}
