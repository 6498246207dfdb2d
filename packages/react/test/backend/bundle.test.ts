/** What a bundler takes along with each client. */
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { expect, it } from "vitest"

/** The modules of an app's bundle that has this one export. */
const modulesWith = async (name: string): Promise<readonly string[]> => {
  const { metafile } = await build({
    stdin: {
      contents: `export { ${name} } from "./src/index.js"`,
      resolveDir: fileURLToPath(new URL("../..", import.meta.url)),
    },
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    external: ["react"],
    conditions: ["@ellipsis-oauth/source"],
  })
  const [output] = Object.values(metafile.outputs)
  return Object.entries(output?.inputs ?? {}).flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [path] : [],
  )
}

const effect = /node_modules\/effect\//

it.each(["createBackendTokenClient", "TokenProvider", "useToken", "useAccessToken", "TokenGate"])(
  "%s brings no Effect along",
  async (name) => {
    const modules = await modulesWith(name)
    expect(modules).not.toEqual([])
    expect(modules.filter((path) => effect.test(path))).toEqual([])
  },
)

it("would see Effect where it is", async () => {
  expect((await modulesWith("createBrowserTokenClient")).some((path) => effect.test(path))).toBe(true)
})
