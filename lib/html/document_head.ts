/**
 * How every page begins.
 *
 * @module
 */
import { escapeHtml } from "./html.ts";

/** Options for {@linkcode documentHead}. */
export interface DocumentHeadOptions {
  /** What the page is called, as text. */
  title: string;
  /** What the page may load and do: its content security policy. */
  policy: string;
  /** Its style sheet. */
  style: string;
}

/** The markup from the doctype to the end of the head. */
export function documentHead({ title, policy, style }: DocumentHeadOptions): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Amid</title>
<style>${style}</style>
</head>`;
}
