/** The HTML frame of the pages for users: no script, no external resources, readable in both color schemes. */

import { sha256 } from "@noble/hashes/sha2.js"
import type { PlainResponse } from "../protocol/Message.js"

/** Escapes text for an element or a quoted attribute. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"'`]/g, (char) => `&#${char.charCodeAt(0)};`)

const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --ground: #f6f8fa; --card: #fff; --line: #d0d7de; --strong: #0b5cad; --on-strong: #fff }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9da7b1; --ground: #0d1117; --card: #161b22; --line: #3d444d; --strong: #6cb6ff; --on-strong: #0d1117 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; grid-template-columns: minmax(0, 1fr); place-items: center; padding: 1rem; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
main { overflow-wrap: anywhere; width: 100%; max-width: 28rem; padding: 1.5rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem }
h1 { margin: 0 0 .75rem; font-size: 1.375rem; line-height: 1.25 }
p { margin: 0 0 1rem }
dl { margin: 0 0 1rem } dt { color: var(--soft); font-size: .875rem } dd { margin: 0 0 .5rem }
fieldset { min-width: 0; margin: 0 0 1.25rem; padding: .5rem 1rem; border: 1px solid var(--line); border-radius: .5rem }
legend { padding: 0 .25rem; color: var(--soft); font-size: .875rem }
fieldset label { display: flex; gap: .5rem; align-items: center; min-height: 2.75rem }
.choices { display: flex; flex-wrap: wrap; gap: .75rem }
button { flex: 1 1 8rem; min-height: 2.75rem; font: inherit; font-weight: 600; border-radius: .5rem; border: 1px solid var(--strong); background: var(--card); color: var(--strong); cursor: pointer }
button.main { background: var(--strong); color: var(--on-strong) }
:focus-visible { outline: 3px solid var(--strong); outline-offset: 2px }
.note { margin: 1.25rem 0 0; color: var(--soft); font-size: .875rem }
`

let styleHash: string | undefined

/** Hashed once, when the first page is shown: a server without pages does not need the hash. */
const contentSecurityPolicy = (): string => {
  styleHash ??= btoa(String.fromCharCode(...sha256(new TextEncoder().encode(style))))
  return `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; frame-ancestors 'none'`
}

/** A whole page; `body` is markup in which every value from a request is already escaped. */
export const htmlResponse = (status: number, title: string, body: string): PlainResponse => ({
  status,
  headers: {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": contentSecurityPolicy(),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  },
  body: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title><style>${style}</style></head>
<body><main>${body}</main></body>
</html>
`,
})
