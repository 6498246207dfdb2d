import { useData, withBase } from "vitepress"
import { defineComponent, h, ref, useId, watchEffect } from "vue"

/** A Mermaid diagram, drawn in the colours of the page. Its source is shown until then, and without JavaScript. */
export const Diagram = defineComponent({
  props: { source: { type: String, required: true } },
  setup: ({ source }) => {
    const { isDark } = useData()
    const id = useId()
    const svg = ref<string>()
    const draw = async (dark: boolean) => {
      const url = withBase("/mermaid/mermaid.esm.min.mjs")
      const { default: mermaid }: typeof import("mermaid") = await import(/* @vite-ignore */ url)
      mermaid.initialize({
        startOnLoad: false,
        theme: dark ? "dark" : "neutral",
        fontFamily: "inherit",
        // Labels in HTML are measured outside of the page's styles, and cut off inside.
        htmlLabels: false,
        sequence: { mirrorActors: false, diagramMarginX: 0 },
      })
      svg.value = (await mermaid.render(`diagram-${id}`, decodeURIComponent(source))).svg
    }
    if (!import.meta.env.SSR) watchEffect(() => void draw(isDark.value).catch(console.error))
    return () =>
      svg.value === undefined
        ? h("pre", { class: "diagram", tabindex: 0 }, decodeURIComponent(source))
        : h("div", {
            class: "diagram",
            tabindex: 0,
            role: "group",
            "aria-label": "Diagram",
            innerHTML: svg.value,
          })
  },
})
