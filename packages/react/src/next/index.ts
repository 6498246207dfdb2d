/** What Next.js needs. */
export { NextTokenProvider } from "./NextTokenProvider.js"
