/** `pnpm example:backend` */
import { join } from "node:path"
import { developMap } from "example-map-app/server"
import { optionsFor } from "./options.js"

await developMap(optionsFor(join(import.meta.dirname, "data")))
