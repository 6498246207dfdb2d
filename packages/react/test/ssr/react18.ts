/** Loaded before everything else, it puts React 18 in the place of the current one. */
import { registerHooks } from "node:module"

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier.replace(/^(react|react-dom)(?=\/|$)/, "$1-18"), {
      ...context,
      // From here, since react-dom's own folder knows no other name of react.
      ...(/^react(-dom)?(\/|$)/.test(specifier) ? { parentURL: import.meta.url } : {}),
    }),
})
