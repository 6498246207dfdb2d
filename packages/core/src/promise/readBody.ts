/** The body of an HTTP response as text, up to a size. */

/** The largest body that is read, in bytes. A token response has a few hundred. */
const longestBody = 1024 * 1024

interface BodyReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
  cancel(): Promise<void>
}

/** A longer body is cut off and cancelled. The parser then reports what is wrong with it. */
export const readBody = async (body: { getReader(): unknown } | null): Promise<string> => {
  if (body === null) return ""
  const reader = body.getReader() as BodyReader
  const decoder = new TextDecoder()
  let text = ""
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done || value === undefined) return text + decoder.decode()
    length += value.byteLength
    if (length > longestBody) {
      await reader.cancel().catch(() => {})
      return text
    }
    text += decoder.decode(value, { stream: true })
  }
}
