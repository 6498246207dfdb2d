/**
 * The script and the style of the dashboard, each as one string. The build of this package replaces this module by
 * its result (`bundledAssets` in `tsup.config.ts`); without a build, they are bundled at the first request.
 */

export interface DashboardAssets {
  readonly script: string
  readonly style: string
}

export const loadDashboardAssets = async (): Promise<DashboardAssets> => {
  const { build } = await import("esbuild")
  const { outputFiles } = await build({
    entryPoints: ["main.ts", "dashboard.css"].map((file) =>
      decodeURI(new URL(`./browser/${file}`, import.meta.url).pathname),
    ),
    outdir: "dashboard",
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    target: "es2024",
    charset: "utf8",
  })
  const textOf = (extension: string) => outputFiles.find(({ path }) => path.endsWith(extension))?.text ?? ""
  return { script: textOf(".js").trim(), style: textOf(".css").trim() }
}
