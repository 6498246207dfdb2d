/** Loads ky when it is first needed, because a program that only reads a token does not need it. */
import { createRequire } from "node:module"
import type { KyInstance } from "ky"

let loaded: KyInstance | undefined

/** Synchronous, because `session.ky()` is. Node.js 22.12 and later can `require` an ES module. */
export const loadKy = (): KyInstance => {
  loaded ??= (createRequire(import.meta.url)("ky") as { readonly default: KyInstance }).default
  return loaded
}
