/**
 * Text that is safe inside HTML.
 *
 * @module
 */

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/**
 * Escapes a text for an element's content or a quoted attribute.
 *
 * @param text Any text.
 * @returns The text with `& < > " '` as entities.
 *
 * @example Markup becomes text
 * ```ts
 * import assert from "node:assert/strict";
 * import { escapeHtml } from "@amid/amid/figures";
 *
 * assert.equal(escapeHtml("<b>"), "&lt;b&gt;");
 * ```
 */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => entities[sign]);
}

/**
 * Writes a value as JSON that is safe inside a `<script>` element: no `<`, which could close the element, and no line
 * separator that older JavaScript parsers reject.
 *
 * @param value Any value that JSON can hold.
 * @returns JSON that means the same.
 * @throws {TypeError} If JSON cannot hold the value.
 */
export function scriptJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (json === undefined) throw new TypeError(`Cannot write JSON: a value is needed, current kind is ${typeof value}`);
  return json.replace(/[<\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * Makes a program's source safe inside a `<script>` element: `</script`, `<script` and `<!--`, which only occur in
 * strings and regular expressions there, get their `<` escaped.
 *
 * @param source JavaScript.
 * @returns JavaScript that does the same.
 */
export function scriptSource(source: string): string {
  return source.replace(/<(?=\/?script|!--)/gi, "\\x3C");
}
