/** Base64 and base64url (RFC 4648) of bytes and of text in UTF-8. */

export const encodeBase64 = (data: Uint8Array | string): string => {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data
  let binary = ""
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** Without padding, as RFC 7636 appendix A has it. */
export const encodeBase64Url = (data: Uint8Array | string): string =>
  encodeBase64(data).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")

/** Throws for what is no base64url of UTF-8. */
export const decodeBase64Url = (text: string): string => {
  if (!/^[\w-]*$/.test(text)) throw new Error("not base64url")
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"))
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
}
