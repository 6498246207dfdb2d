"use client"
/** A panel for developers with the state of the token, its events, and the open tabs. It shows no secret. */
import { isSignedIn, type TokenEvent, type TokenState } from "@ellipsis-oauth/core/promise"
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
  useSyncExternalStore,
} from "react"
import { useTokenClient } from "../react/TokenProvider.js"
import { useToken } from "../react/useToken.js"
import { Countdown } from "./Countdown.js"
import { describeEvent, describeState } from "./describe.js"
import * as styles from "./styles.js"
import { type TabReport, watchTabs } from "./watchTabs.js"

/** The options of `TokenDevtools`. */
export interface TokenDevtoolsProps {
  readonly initiallyOpen?: boolean
}

interface NumberedEvent {
  readonly number: number
  readonly event: TokenEvent
}

const narrow = "(max-width: 640px)"

const watchWidth = (listener: () => void): (() => void) => {
  const query = matchMedia(narrow)
  query.addEventListener("change", listener)
  return () => query.removeEventListener("change", listener)
}

const readNarrow = (): boolean => matchMedia(narrow).matches

/** How many events are kept. */
const mostEvents = 50

const number = (event: TokenEvent, known: readonly NumberedEvent[]): readonly NumberedEvent[] =>
  [{ number: (known[0]?.number ?? 0) + 1, event }, ...known].slice(0, mostEvents)

/**
 * The panel, in the corner of the page, or on a narrow screen at its place in the app, so that it covers nothing. It reads
 * the client's state and events, and no token. To keep it out of the bundle that users load, import it lazily.
 *
 * @throws Error where no provider is above
 */
export const TokenDevtools = ({ initiallyOpen = false }: TokenDevtoolsProps): ReactNode => {
  const client = useTokenClient()
  const status = useToken((state) => state.status)
  const isNarrow = useSyncExternalStore(watchWidth, readNarrow, () => false)
  const [isOpen, setIsOpen] = useState(initiallyOpen)
  const [events, setEvents] = useState<readonly NumberedEvent[]>([])
  const toggle = useRef<HTMLButtonElement>(null)
  const id = useId()
  useEffect(() => client.subscribeEvents((event) => setEvents((known) => number(event, known))), [client])
  const close = () => {
    setIsOpen(false)
    toggle.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") close()
  }
  return (
    <section
      style={isNarrow ? styles.inFlow : styles.corner}
      aria-label="Token devtools"
      onKeyDown={onKeyDown}
    >
      {isOpen && <Panel id={id} events={events} onClear={() => setEvents([])} />}
      <button
        ref={toggle}
        type="button"
        style={styles.button}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setIsOpen(!isOpen)}
      >
        <span style={styles.dot(status)} aria-hidden="true" />
        Token: {status}
      </button>
    </section>
  )
}

interface PanelProps {
  readonly id: string
  readonly events: readonly NumberedEvent[]
  readonly onClear: () => void
}

const Panel = ({ id, events, onClear }: PanelProps): ReactNode => {
  const client = useTokenClient()
  const state = useToken()
  const [tabs, setTabs] = useState<readonly TabReport[]>([])
  useEffect(
    () =>
      watchTabs(
        () => client.getSnapshot().status,
        (listener) => client.subscribe(listener),
        setTabs,
      ),
    [client],
  )
  return (
    <div id={id} style={styles.panel}>
      <h2 style={styles.title}>Token devtools</h2>
      <Facts state={state} />
      <div style={styles.row}>
        {isSignedIn(state) && (
          <>
            <Action name="Refresh now" act={() => client.getAccessToken({ force: true })} />
            <Action name="Sign out" act={() => client.logout()} />
          </>
        )}
        <Action name="Clear events" act={async () => onClear()} />
      </div>
      <h3 style={styles.heading}>Tabs with this panel</h3>
      <ul style={styles.list}>
        {tabs.map((tab) => (
          <li key={tab.id} style={styles.row}>
            <span style={styles.dot(tab.status)} aria-hidden="true" />
            <span>
              {tab.title === "" ? "(no title)" : tab.title}: {tab.status}
              {tab.isVisible ? "" : ", in the background"}
            </span>
          </li>
        ))}
      </ul>
      <h3 style={styles.heading}>Events</h3>
      {events.length === 0 && <p style={styles.detail}>None yet.</p>}
      <ol style={styles.list}>
        {events.map(({ number, event }) => (
          <li key={number} style={styles.detail}>
            <time style={styles.term} dateTime={new Date(event.at).toISOString()}>
              {new Date(event.at).toLocaleTimeString()}
            </time>{" "}
            {describeEvent(event)}
          </li>
        ))}
      </ol>
    </div>
  )
}

const Facts = ({ state }: { readonly state: TokenState }): ReactNode => (
  <dl style={styles.facts}>
    {describeState(state).map(([name, value]) => (
      <Fact key={name} name={name}>
        {typeof value === "number" ? <Countdown to={value} /> : value}
      </Fact>
    ))}
  </dl>
)

const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode => (
  <>
    <dt style={styles.term}>{name}</dt>
    <dd style={styles.detail}>{children}</dd>
  </>
)

const Action = ({
  name,
  act,
}: {
  readonly name: string
  readonly act: () => Promise<unknown>
}): ReactNode => (
  // The state and the events show the failure.
  <button type="button" style={styles.button} onClick={() => void act().catch(() => {})}>
    {name}
  </button>
)
