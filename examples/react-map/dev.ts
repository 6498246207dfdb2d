/** `pnpm example:map` */
import { developMap } from "example-map-app/server"
import { options } from "./options.js"

await developMap(options)
