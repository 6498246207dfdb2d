/** The provider for Next.js. */
export { NextTokenProvider } from "./NextTokenProvider.js"
