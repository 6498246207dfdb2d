/** The body of a token request: a form (RFC 6749 section 4.1.3) or JSON (as in the rest of the provider's API). */
import { maxBodyBytes, type PlainRequest } from "./Message.js"
import { type Parameters, parseForm, parseJson, readText } from "./Parameters.js"
import { malformed, Refusal } from "./Refusal.js"
import type { Settings } from "./Settings.js"

const mediaTypes = { form: "application/x-www-form-urlencoded", json: "application/json" } as const

const readEncoding = (
  header: string | undefined,
  accepted: Settings["bodyEncoding"],
): "form" | "json" | Refusal => {
  const [type, ...attributes] = (header ?? "").toLowerCase().split(";")
  const charset = attributes
    .map((text) => /^\s*charset="?([^"\s]+)"?\s*$/.exec(text)?.[1])
    .find((text) => text !== undefined)
  const found =
    type?.trim() === mediaTypes.form ? "form" : type?.trim() === mediaTypes.json ? "json" : undefined
  const expected = accepted === "both" ? `${mediaTypes.form} or ${mediaTypes.json}` : mediaTypes[accepted]
  if (found === undefined || (accepted !== "both" && accepted !== found)) {
    return malformed("This server does not accept this Content-Type.", {
      description: `The body must be ${expected}.`,
      field: "Content-Type",
      expected,
      got: header?.slice(0, 100) ?? "nothing",
    })
  }
  return charset === undefined || charset === "utf-8"
    ? found
    : malformed("The body must be UTF-8 (RFC 6749 appendix B).", {
        field: "Content-Type",
        expected: "utf-8",
        got: charset.slice(0, 50),
      })
}

/** Reads the parameters from the body, in an accepted encoding. */
export const readBody = (request: PlainRequest, accepted: Settings["bodyEncoding"]): Parameters | Refusal => {
  if (request.body === "too large") {
    return malformed("The body is too large.", {
      status: 413,
      expected: `at most ${maxBodyBytes} bytes`,
      got: "more",
    })
  }
  const encoding = readEncoding(request.header("content-type"), accepted)
  if (encoding instanceof Refusal) return encoding
  const contentEncoding = request.header("content-encoding")
  if (contentEncoding !== undefined && contentEncoding !== "identity") {
    return malformed("The body is compressed.", {
      status: 415,
      field: "Content-Encoding",
      expected: "nothing",
      got: contentEncoding.slice(0, 50),
    })
  }
  const text = readText(request.body)
  if (text instanceof Refusal) return text
  return encoding === "form" ? parseForm(text) : parseJson(text)
}
