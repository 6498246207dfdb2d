/** Removes secrets from a server's texts, which may quote the request, before a person or a log sees them. */
import * as Base64 from "effect/encoding/Base64"
import { concealed } from "./Concealed.js"

/** Text that looks like a token: a long run of token characters, which no word has. */
const opaque = /[A-Za-z0-9\-._~+=]{20,}/g

const longestText = 300

/** How much of a text is read, in characters: a long text must not take long. */
const longestInput = 4096

/** A secret with fewer characters is removed only where it is a whole word, so that other words stay readable. */
const shortestPart = 8

/** Removes the secrets, in the encodings that servers quote them in, and anything that looks like a token. */
export const redact = (text: string, secrets: readonly string[]): string => {
  // Bidi controls and zero-width characters change how a message reads.
  let clean = text
    .slice(0, longestInput)
    .replaceAll(/\p{Cf}+/gu, "")
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ")
  const given = secrets.filter((secret) => secret !== "")
  const forms = given.flatMap((secret) => [secret, Base64.encode(secret)])
  // The longest secret first: a short secret may be the start of a longer one.
  for (const form of forms.sort((a, b) => b.length - a.length)) clean = withoutSecret(clean, form)
  clean = clean
    .replaceAll(opaque, (run) => (/[a-z]/i.test(run) && /[0-9]/.test(run) ? concealed : run))
    .trim()
  return clean.length > longestText ? `${clean.slice(0, longestText)}…` : clean
}

const withoutSecret = (text: string, secret: string): string => {
  const characters = [...secret]
  const isPart = characters.length >= shortestPart
  let clean = ""
  for (let at = 0; at < text.length; ) {
    const [count, end] = matchBeginning(text, at, characters)
    const whole = count === characters.length && (isPart || standsAlone(text, at, end))
    // The server may have cut its text off in the middle of the secret.
    if (whole || (isPart && count >= shortestPart)) {
      clean += concealed
      at = end
    } else clean += text[at++]
  }
  return clean
}

const standsAlone = (text: string, start: number, end: number): boolean =>
  !/[\p{L}\p{N}_]/u.test(`${text[start - 1] ?? ""}${text[end] ?? ""}`)

/** How many characters of a secret the text has from `at` on, each in any encoding, and where they end. */
const matchBeginning = (
  text: string,
  at: number,
  characters: readonly string[],
): readonly [count: number, end: number] => {
  let end = at
  let count = 0
  for (const character of characters) {
    const next = matchCharacter(text, end, character)
    if (next === undefined) break
    end = next
    count++
  }
  return [count, end]
}

/** HTML entities, and the escapes of JSON and JavaScript. */
const escapes =
  /&#x0{0,6}([0-9a-f]{1,6});|&#0{0,6}(\d{1,7});|\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|\\(["'/\\])|&(amp|lt|gt|quot|apos|sol|plus|equals);/iy

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  sol: "/",
  plus: "+",
  equals: "=",
}

const matchCharacter = (text: string, at: number, character: string): number | undefined => {
  const first = text[at]
  if (first === "%") {
    const percent = percentCode(character)
    if (text.slice(at, at + percent.length).toLowerCase() === percent) return at + percent.length
  }
  // Checked before the plain character, because `&amp;` begins with the `&` that it encodes.
  if (first === "&" || first === "\\") {
    const end = matchEscape(text, at, character)
    if (end !== undefined) return end
  }
  if (first === "+" && character === " ") return at + 1
  return text.startsWith(character, at) ? at + character.length : undefined
}

const matchEscape = (text: string, at: number, character: string): number | undefined => {
  escapes.lastIndex = at
  const [, hex, decimal, unicode, byte, literal, name] = escapes.exec(text) ?? []
  const code = Number.parseInt(hex ?? unicode ?? byte ?? "", 16) || Number(decimal)
  const found =
    literal ?? entities[name?.toLowerCase() ?? ""] ?? (code <= 0x10ffff ? String.fromCodePoint(code) : "")
  return found === character ? escapes.lastIndex : undefined
}

const percentCode = (character: string): string =>
  [...new TextEncoder().encode(character)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")
