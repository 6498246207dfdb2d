import { useData } from "vitepress"
import { defineComponent, h, ref, useId, watchEffect } from "vue"

/** A Mermaid diagram, drawn in the colours of the page. Its source is shown until then, and without JavaScript. */
export const Diagram = defineComponent({
  props: { source: { type: String, required: true } },
  setup: ({ source }) => {
    const { isDark } = useData()
    const id = useId()
    const svg = ref<string>()
    const draw = async (dark: boolean) => {
      const { default: mermaid } = await import("mermaid")
      mermaid.initialize({
        startOnLoad: false,
        theme: dark ? "dark" : "neutral",
        fontFamily: "inherit",
        sequence: { mirrorActors: false, diagramMarginX: 0 },
      })
      svg.value = (await mermaid.render(`diagram-${id}`, decodeURIComponent(source))).svg
    }
    if (!import.meta.env.SSR) watchEffect(() => void draw(isDark.value))
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
