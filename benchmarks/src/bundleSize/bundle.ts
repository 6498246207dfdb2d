/** What an app's bundle grows by: one import through Vite, as an app is built, with everything in it but React. */
import { gzipSync } from "node:zlib"
import { build, type Rollup } from "vite"

export interface Bundle {
  readonly code: string
  /** Bytes, minified. */
  readonly minified: number
  /** Bytes, minified and gzipped. */
  readonly gzipped: number
  /** Bytes before it is minified, by package, the largest first. */
  readonly packages: ReadonlyArray<readonly [name: string, bytes: number]>
}

const entry = "virtual:entry"

/** @param source such as `export { useToken } from "@ellipsis-oauth/react"`; it sees what this package depends on */
export const bundle = async (source: string): Promise<Bundle> => {
  const output = await build({
    configFile: false,
    logLevel: "error",
    root: import.meta.dirname,
    plugins: [
      {
        name: "entry",
        enforce: "pre",
        resolveId: (id) => (id === entry ? `${import.meta.dirname}/entry.js` : undefined),
        load: (id) => (id === `${import.meta.dirname}/entry.js` ? source : undefined),
      },
    ],
    build: {
      write: false,
      minify: true,
      target: "es2022",
      modulePreload: false,
      rollupOptions: {
        input: entry,
        external: [/^react($|\/)/, /^react-dom($|\/)/],
        preserveEntrySignatures: "strict",
      },
    },
  })
  const [first] = [output].flat() as Rollup.RollupOutput[]
  const [chunk, ...others] = first?.output ?? []
  if (chunk === undefined || others.length > 0) throw new Error(`${1 + others.length} files, expected one`)
  const packages = new Map<string, number>()
  for (const [path, { renderedLength }] of Object.entries(chunk.modules)) {
    const name = packageOf(path)
    packages.set(name, (packages.get(name) ?? 0) + renderedLength)
  }
  return {
    code: chunk.code,
    minified: Buffer.byteLength(chunk.code),
    gzipped: gzipSync(chunk.code, { level: 9 }).length,
    packages: [...packages].filter(([, bytes]) => bytes > 0).sort(([, a], [, b]) => b - a),
  }
}

const packageOf = (path: string): string => {
  const own = /\/packages\/([^/]+)\//.exec(path)?.[1]
  if (own !== undefined) return `@ellipsis-oauth/${own}`
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? "the entry"
}
