/** Writes texts without the characters that a filter cannot take, and reads them back. */
export interface TextCodec {
  write(text: string): string;
  read(stored: string): string;
  /** What no text is written as. */
  readonly nothing: string;
}

/**
 * A codec that writes what is unsafe as a mark and four hexadecimal digits.
 *
 * @param unsafe matches single UTF-16 units, the mark among them
 */
function codecOf(mark: string, unsafe: RegExp): TextCodec {
  const written = new RegExp(`\\${mark}([0-9a-f]{4})`, 'g');
  return {
    nothing: mark,
    write: (text) =>
      text.replace(unsafe, (unit) => mark + unit.charCodeAt(0).toString(16).padStart(4, '0')),
    read: (stored) =>
      stored.replace(written, (_, digits: string) =>
        String.fromCharCode(Number.parseInt(digits, 16)),
      ),
  };
}

/**
 * For attributes of vector sets: their filters know no escaped quotes, so that quotes, backslashes
 * and control characters are written in hexadecimal digits, on both sides.
 */
export const attributeText: TextCodec = codecOf('%', /[\p{Cc}\p{Cs}"'\\%]/gu);

const tagCodec = codecOf('_', /[^0-9A-Za-z]/g);

/**
 * For tags of the search module, whose queries give a meaning to what is no letter or digit. There
 * are no empty tags: the mark alone stands for an empty text.
 */
export const tagText: TextCodec = {
  nothing: '',
  write: (text) => (text === '' ? '_' : tagCodec.write(text)),
  read: (stored) => (stored === '_' ? '' : tagCodec.read(stored)),
};

/** Texts as they are, for what others stored. */
export const plainText: TextCodec = { write: (text) => text, read: (text) => text, nothing: '' };
