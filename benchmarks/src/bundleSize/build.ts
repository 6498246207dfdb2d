/** Writes our own bundles to dist/bundleSize, where size-limit measures them. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { bundle } from "./bundle.ts"
import { own } from "./entries.ts"

const folder = join(import.meta.dirname, "../../dist/bundleSize")
mkdirSync(folder, { recursive: true })
for (const [file, { source }] of Object.entries(own)) {
  writeFileSync(join(folder, `${file}.js`), (await bundle(source)).code)
}
