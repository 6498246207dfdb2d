import { unbundled } from "../../tsup.base.js"

export default unbundled
