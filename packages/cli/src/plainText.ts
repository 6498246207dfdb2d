/** Makes text from other sources safe for a terminal. */

/**
 * Removes control characters, which can control the terminal, and bidi and zero-width characters, which can disguise
 * text. Line ends stay.
 */
export const plainText = (text: string): string => text.replaceAll(/(?!\n)\p{C}/gu, "")

/** A value for a message: quoted, on one line, and short. */
export const quoted = (text: string): string => {
  const characters = [...text]
  return JSON.stringify(characters.length > 60 ? `${characters.slice(0, 60).join("")}…` : text)
}
