/** `linux/arm64/v8` in the JSON that engines take from API 1.48 on. */
export function platformJson(text: string): string {
  const [os = '', architecture, variant] = text.split('/');
  return JSON.stringify({ architecture, os, variant });
}
