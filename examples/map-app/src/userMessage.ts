/** What to show of an error: the clients' errors have a sentence for people, others only one for developers. */
export const userMessage = (error: Error & { readonly userMessage?: string }): string =>
  error.userMessage ?? error.message
