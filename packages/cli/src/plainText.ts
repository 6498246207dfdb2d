/** Text of others, for a terminal. */

/**
 * Without control characters, which a terminal obeys, and without bidi and zero-width characters, which change how a
 * line reads. Line ends stay.
 */
export const plainText = (text: string): string => text.replaceAll(/(?!\n)\p{C}/gu, "")
