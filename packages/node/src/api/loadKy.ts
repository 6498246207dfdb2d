/** Loads ky when it is first needed, and not with this package: a program that only reads a token never calls an API. */
import { createRequire } from "node:module"
import type { KyInstance } from "ky"

let loaded: KyInstance | undefined

/** `session.ky()` is not asynchronous, so that this is not either. Every Node.js from 22.12 can `require` a module. */
export const loadKy = (): KyInstance => {
  loaded ??= (createRequire(import.meta.url)("ky") as { readonly default: KyInstance }).default
  return loaded
}
