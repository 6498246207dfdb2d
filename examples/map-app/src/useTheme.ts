import { useEffect, useState } from "react"

export type Theme = "light" | "dark"

const preference = () => matchMedia("(prefers-color-scheme: dark)")

/** What the system prefers, until the user chooses. */
export const useTheme = (): readonly [Theme, toggle: () => void] => {
  const [preferred, setPreferred] = useState<Theme>(() => (preference().matches ? "dark" : "light"))
  const [chosen, setChosen] = useState<Theme>()
  useEffect(() => {
    const query = preference()
    const look = () => setPreferred(query.matches ? "dark" : "light")
    query.addEventListener("change", look)
    return () => query.removeEventListener("change", look)
  }, [])
  const theme = chosen ?? preferred
  useEffect(() => {
    document.documentElement.style.colorScheme = theme
  }, [theme])
  return [theme, () => setChosen(theme === "dark" ? "light" : "dark")]
}
