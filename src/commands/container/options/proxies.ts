const names = {
  httpProxy: 'HTTP_PROXY',
  httpsProxy: 'HTTPS_PROXY',
  noProxy: 'NO_PROXY',
  ftpProxy: 'FTP_PROXY',
  allProxy: 'ALL_PROXY',
};

/** The variables that config.json's `proxies` give to containers of the engine at `host`, in both spellings. */
export function proxyVariables(
  proxies: Record<string, Record<string, string>>,
  host: string,
): Record<string, string> {
  const settings = proxies[host] ?? proxies.default ?? {};
  const variables = Object.entries(names).flatMap(([key, name]) => {
    const value = settings[key];
    return value
      ? [
          [name, value],
          [name.toLowerCase(), value],
        ]
      : [];
  });
  return Object.fromEntries(variables) as Record<string, string>;
}
