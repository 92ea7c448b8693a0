/** Whether a character takes two columns of a terminal. */
function isWide(code: number): boolean {
  return (
    code >= 0x1100 &&
    (code <= 0x115f ||
      (code >= 0x2e80 && code <= 0xa4cf && code !== 0x303f) ||
      (code >= 0xac00 && code <= 0xd7a3) ||
      (code >= 0xf900 && code <= 0xfaff) ||
      (code >= 0xfe30 && code <= 0xfe6f) ||
      (code >= 0xff00 && code <= 0xff60) ||
      (code >= 0xffe0 && code <= 0xffe6) ||
      (code >= 0x1f300 && code <= 0x1f64f) ||
      (code >= 0x1f900 && code <= 0x1f9ff) ||
      (code >= 0x20000 && code <= 0x3fffd))
  );
}

function widthOf(character: string): number {
  return isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
}

/** Shortens a text to this many columns, the last of them an ellipsis. */
export function ellipsis(text: string, columns: number): string {
  const characters = [...text];
  let width = 0;
  let fits = 0;
  for (const character of characters) {
    width += widthOf(character);
    if (width < columns) fits++;
  }
  return width <= columns ? text : `${characters.slice(0, fits).join('')}…`;
}

/** The first twelve digits of an ID, without the name of its digest's algorithm. */
export function shortId(id: string): string {
  return id.replace(/^[^:]*:/, '').slice(0, 12);
}
