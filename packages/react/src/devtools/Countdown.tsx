"use client"
import { type ReactNode, useEffect, useState } from "react"

/** The time until or since a point in time. `to`: milliseconds since the epoch. */
export const Countdown = ({ to }: { readonly to: number }): ReactNode => {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  const left = to - now
  return (
    <time dateTime={new Date(to).toISOString()}>
      {left >= 0 ? `in ${formatDuration(left)}` : `${formatDuration(-left)} ago`} (
      {new Date(to).toLocaleTimeString()})
    </time>
  )
}

const formatDuration = (milliseconds: number): string => {
  const seconds = Math.floor(milliseconds / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  if (hours > 0) return `${hours} h ${minutes} min`
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`
}
