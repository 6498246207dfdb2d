import DefaultTheme from "vitepress/theme"
import { Diagram } from "./Diagram.js"
import "./style.css"

export default {
  extends: DefaultTheme,
  enhanceApp: ({ app }: { app: { component: (name: string, component: object) => unknown } }) => {
    app.component("Diagram", Diagram)
  },
}
