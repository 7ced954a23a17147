const trusted: unique symbol = Symbol('markup');

/** A piece of HTML whose parts from outside are escaped. */
export interface Markup {
  readonly [trusted]: string;
}

/** What may stand in a template: text is escaped, markup is not, `undefined` gives nothing. */
export type Content = Markup | string | number | undefined | readonly Content[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text made safe for HTML, within elements and within quoted attributes. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** HTML from a template: every value is escaped, except markup made by this function. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = strings[0] ?? '';
  values.forEach((value, index) => {
    text += textOf(value) + (strings[index + 1] ?? '');
  });
  return { [trusted]: text };
}

/** HTML that was made elsewhere (a chart, the style sheet) and is safe as it is. */
export function trustedMarkup(text: string): Markup {
  return { [trusted]: text };
}

/** The text of a piece of HTML. */
export function textOf(content: Content): string {
  if (content === undefined) return '';
  if (typeof content === 'string') return escapeText(content);
  if (typeof content === 'number') return String(content);
  if (trusted in content) return content[trusted];
  return content.map(textOf).join('');
}
