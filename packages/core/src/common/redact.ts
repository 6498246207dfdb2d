/** What the server says may quote what it was sent. This takes the secrets out before a person or a log sees it. */
import { encodeBase64 } from "./base64.js"

const marker = "[redacted]"

/** Everything that looks like a token: a long run of token characters that no word or sentence has. */
const opaque = /[A-Za-z0-9\-._~+=]{20,}/g

const longestText = 300

/** Removes the secrets, in every encoding that they were or could be quoted in, and anything that looks like a token. */
export const redact = (text: string, secrets: readonly string[]): string => {
  let clean = text
  // The longest first: a secret may be the beginning of another one.
  const forms = secrets.filter((secret) => secret !== "").flatMap((secret) => [...encodings(secret)])
  for (const form of forms.sort((a, b) => b.length - a.length)) clean = clean.replaceAll(form, marker)
  clean = clean
    .replaceAll(opaque, (run) => (/[a-z]/i.test(run) && /[0-9]/.test(run) ? marker : run))
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim()
  return clean.length > longestText ? `${clean.slice(0, longestText)}…` : clean
}

const encodings = (secret: string): ReadonlySet<string> => {
  const form = new URLSearchParams([["", secret]]).toString().slice(1)
  return new Set([
    secret,
    JSON.stringify(secret).slice(1, -1),
    form,
    form.replaceAll("+", "%20"),
    secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;"),
    encodeBase64(secret),
  ])
}
