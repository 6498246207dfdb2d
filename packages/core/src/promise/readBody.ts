/** The body of an HTTP response as text, up to a size. */
import type { HttpResponse } from "../protocol/HttpMessage.js"

/** The largest body that is read, in bytes. A token response has a few hundred. */
const longestBody = 1024 * 1024

/** The body of an `HttpResponse`, as far as it was read. */
export type LimitedBody = Pick<HttpResponse, "body" | "isTooLong">

/** Collects the chunks of a body, up to the largest size. */
export const collectBody = () => {
  const decoder = new TextDecoder()
  let text = ""
  let left = longestBody
  return {
    /** @returns whether the body is too long, so that no other chunk is wanted */
    add: (chunk: Uint8Array): boolean => {
      text += decoder.decode(chunk.subarray(0, left), { stream: true })
      left -= chunk.byteLength
      return left < 0
    },
    end: (): LimitedBody => {
      const body = text + decoder.decode()
      return left < 0 ? { body, isTooLong: true } : { body }
    },
  }
}

interface BodyReader {
  read(): Promise<{ readonly value?: Uint8Array | undefined }>
  cancel(): Promise<void>
}

/** The rest of a longer body is not read, and its connection is closed. The parser then reports what is wrong with it. */
export const readLimitedBody = async (body: { getReader(): unknown } | null): Promise<LimitedBody> => {
  const collected = collectBody()
  const reader = body?.getReader() as BodyReader | undefined
  for (;;) {
    const value = (await reader?.read())?.value
    if (value === undefined) return collected.end()
    if (collected.add(value)) {
      await reader?.cancel().catch(() => {})
      return collected.end()
    }
  }
}

/** The text alone. A caller that parses it notices that the end of a longer body is missing. */
export const readBody = async (body: { getReader(): unknown } | null): Promise<string> =>
  (await readLimitedBody(body)).body
