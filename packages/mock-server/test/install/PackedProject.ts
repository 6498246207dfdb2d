/** Projects as users have them: the packed package, installed by npm beside other packages. */
import { execFile } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const packageFolder = fileURLToPath(new URL("../../", import.meta.url))

const require = createRequire(import.meta.url)

interface Outcome {
  readonly code: number
  /** Standard output and standard error. */
  readonly output: string
}

const run = (
  folder: string,
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> =>
  new Promise((resolve) => {
    // What the runner of this test sets is not for the one that it starts.
    const { NODE_ENV: _, NODE_OPTIONS: __, VITEST: ___, ...inherited } = process.env
    const options = { cwd: folder, env: { ...inherited, CI: "1", NO_COLOR: "1", ...env } }
    execFile(file, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1
      resolve({ code, output: stdout + stderr || (error?.message ?? "") })
    })
  })

const succeed = async (outcome: Promise<Outcome>): Promise<string> => {
  const { code, output } = await outcome
  if (code !== 0) throw new Error(output)
  return output
}

/** Builds and packs the package as it is published. */
export const packPackage = async () => {
  const root = mkdtempSync(join(tmpdir(), "ellipsis-oauth-install-"))
  const bin = (name: string, path: string) => join(dirname(require.resolve(`${name}/package.json`)), path)
  await succeed(run(packageFolder, process.execPath, [bin("tsup", "dist/cli-default.js"), "--silent"]))
  const {
    publishConfig,
    scripts: _,
    devDependencies: __,
    ...manifest
  } = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"))
  const source = join(root, "package")
  mkdirSync(source)
  cpSync(join(packageFolder, "dist"), join(source, "dist"), { recursive: true })
  writeFileSync(join(source, "package.json"), JSON.stringify({ ...manifest, ...publishConfig }))
  await succeed(run(source, "npm", ["pack", "--pack-destination", root]))
  const tarball = join(root, `ellipsis-oauth-mock-server-${manifest.version}.tgz`)

  return {
    /** `packages` are installed in one go with the tarball, which fails where npm finds a conflict. */
    createProject: async (
      name: string,
      packages: readonly string[],
      files: Readonly<Record<string, string>>,
    ) => {
      const folder = join(root, name)
      mkdirSync(folder)
      writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }))
      for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text)
      const flags = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"]
      await succeed(run(folder, "npm", ["install", ...flags, tarball, ...packages]))
      return {
        /** A file of `node_modules`, or of the project itself, with Node.js. */
        node: (args: readonly string[], env?: Readonly<Record<string, string>>) =>
          run(folder, process.execPath, args, env),
        npx: (args: readonly string[]) => run(folder, "npx", ["--no-install", ...args]),
        checkTypes: (file: string) =>
          run(folder, process.execPath, [
            bin("typescript", "bin/tsc"),
            file,
            ...["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022"],
            ...["--lib", "es2022,esnext.disposable,dom,dom.iterable,dom.asynciterable"],
            ...["--skipLibCheck", "true"],
          ]),
      }
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  }
}
