import { isPrintable } from '../go/quote.ts';

const html: Record<string, string> = {
  '\0': '\ufffd',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[\0"'&<>]/g, (character) => html[character] ?? character);
}

const javaScript: Record<string, string> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
};

export function escapeJavaScript(text: string): string {
  return [...text]
    .map((character) => {
      const known = javaScript[character];
      if (known) return known;
      const code = character.codePointAt(0) ?? 0;
      if (code >= 0x20 && isPrintable(character)) return character;
      return `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
    })
    .join('');
}

export function escapeQuery(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
