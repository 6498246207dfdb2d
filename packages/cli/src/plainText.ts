/** Makes text from other sources safe for a terminal. */

/**
 * Removes control characters, which can control the terminal, and bidi and zero-width characters, which can disguise
 * text. Line ends stay.
 */
export const plainText = (text: string): string => text.replaceAll(/(?!\n)\p{C}/gu, "")
