/** Where the user comes back to. The provider in the layout finishes the login, and goes on from here. */
const Callback = () => <p>One moment…</p>

export default Callback
