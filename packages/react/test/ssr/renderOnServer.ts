/** A server of its own, for tests: a Node process without a DOM that renders one of the pages to HTML. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

export interface Rendered {
  readonly html: string
  /** What the server wrote to its console, or threw. */
  readonly complaints: readonly string[]
}

/** The HTML of a page of `pages.tsx`. */
export const renderOnServer = async (react: "18" | "19", page: string): Promise<Rendered> => {
  const version = react === "18" ? ["--import", path("react18.ts")] : []
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", "--conditions=@ellipsis-oauth/source", ...version, path("render.tsx"), page],
    { env: { ...process.env, NODE_ENV: "development", TSX_TSCONFIG_PATH: path("../tsconfig.json") } },
  )
  return JSON.parse(stdout) as Rendered
}
