import type { MessageDelta } from '@rivulet/core'
import { createStream } from '@rivulet/store'
import type { StreamStatus, StreamStore } from '@rivulet/store'
import { html, LitElement } from 'lit'
import type { CSSResult, PropertyDeclarations, PropertyValues, TemplateResult } from 'lit'
import { createAnnouncer } from './announcer.ts'
import type { Announcer } from './announcer.ts'
import { describeError } from './describe-error.ts'
import { StreamDoneEvent } from './events/stream-done-event.ts'
import { StreamErrorEvent } from './events/stream-error-event.ts'
import { StreamStatusEvent } from './events/stream-status-event.ts'
import { createMessageView } from './message-view.ts'
import type { MessageView } from './message-view.ts'
import { styles } from './stream-output.styles.ts'

const RUNNING: ReadonlySet<StreamStatus> = new Set(['connecting', 'streaming', 'reconnecting'])

/** The words that `<stream-output>` shows or says; those of its slots aside. */
export interface StreamOutputLabels {
  readonly reasoning: string
  readonly tool: string
  readonly started: string
  readonly stopped: string
  readonly cutOff: string
  readonly describeError: (error: Error) => string
}

const LABELS: StreamOutputLabels = {
  reasoning: 'Reasoning',
  tool: 'Calls',
  started: 'The answer begins.',
  stopped: 'Stopped.',
  cutOff: 'The answer was cut off.',
  describeError,
}

/**
 * @summary Shows one streamed answer as it comes.
 *
 * With `src` and `prompt` it asks by itself, and again when one of them changes; with `stream` it shows a store
 * made elsewhere. A request that runs when the element leaves the page is stopped, if the element made it.
 *
 * @slot indicator - Shown until the first token; three dots by default.
 * @slot stopped - The mark of an answer that was stopped; "Stopped" by default.
 * @slot length - The mark of an answer that reached its length limit.
 * @slot content-filter - The mark of an answer that a content filter cut off.
 * @slot retry - The words of the retry button; "Try again" by default.
 * @csspart message - The answer.
 * @csspart text - A run of text in the answer.
 * @csspart reasoning - The model's reasoning, a `<details>`.
 * @csspart reasoning-label - Its summary.
 * @csspart reasoning-text - Its text.
 * @csspart refusal - The words of a refusal.
 * @csspart tool - A call of a tool.
 * @csspart tool-name - The tool's name.
 * @csspart tool-input - The arguments, as they come.
 * @csspart indicator - The typing indicator.
 * @csspart stopped - The mark of an answer that was stopped.
 * @csspart cut-off - The mark of an answer that the provider cut off.
 * @csspart error - The box of an error.
 * @csspart error-text - What went wrong, in a sentence.
 * @csspart error-detail - What the server or the connection said.
 * @csspart retry - The retry button.
 * @cssproperty [--stream-font=inherit] - The font of the answer.
 * @cssproperty [--stream-font-mono] - The font of code.
 * @cssproperty [--stream-color=inherit] - The colour of the answer.
 * @cssproperty [--stream-muted-color] - Reasoning, tools and marks.
 * @cssproperty [--stream-border-color] - Lines.
 * @cssproperty [--stream-error-color] - Errors.
 * @cssproperty [--stream-focus-color] - Focus rings.
 * @cssproperty [--stream-line-height=1.6] - The line height of the answer.
 * @cssproperty [--stream-gap=0.75em] - The space between parts of an answer.
 * @cssproperty [--stream-radius=6px] - The corners of boxes and buttons.
 * @cssstate idle - And `connecting`, `streaming`, `reconnecting`, `done`, `aborted`, `error`: the stream's status.
 * @event {StreamStatusEvent} stream-status - The status changed.
 * @event {StreamDoneEvent} stream-done - The answer is complete.
 * @event {StreamErrorEvent} stream-error - The stream failed.
 */
export class StreamOutput extends LitElement {
  static override styles: CSSResult = styles
  static override properties: PropertyDeclarations = {
    src: {},
    model: {},
    prompt: {},
    stream: { attribute: false },
    labels: { attribute: false },
    status: { state: true },
    empty: { state: true },
  }

  /** Where to ask: a relay or proxy that takes OpenAI Chat Completions. It may answer in any protocol. */
  declare src: string | null
  /** The model to ask for, if the relay does not choose it. */
  declare model: string | null
  /** What to ask. Nothing is sent while it is empty, and emptying it ends what runs. */
  declare prompt: string | null
  /** A store to show, instead of asking by `src` and `prompt`. */
  declare stream: StreamStore<never> | undefined
  /** The element's words, for other languages. */
  declare labels: Partial<StreamOutputLabels> | undefined
  declare private status: StreamStatus
  declare private empty: boolean

  // Lit places these two and leaves what is in them alone.
  readonly #message: HTMLElement = document.createElement('div')
  readonly #region: HTMLElement = document.createElement('div')
  readonly #internals: ElementInternals | undefined = this.attachInternals?.()
  #own: StreamStore | undefined
  #shown: StreamStore | undefined
  #view: MessageView | undefined
  #announcer: Announcer | undefined
  #undo: (() => void)[] = []
  /** What is asked has changed since it was asked. */
  #asks = false

  constructor() {
    super()
    this.src = null
    this.model = null
    this.prompt = null
    this.status = 'idle'
    this.empty = true
    this.#message.setAttribute('part', 'message')
    this.#message.tabIndex = -1
    this.#region.className = 'announcer'
    this.#region.role = 'status'
  }

  /** The store that is shown: the one given, else the element's own. */
  get store(): StreamStore<never> | undefined {
    return this.stream ?? this.#own
  }

  /** Asks again what was asked last. */
  retry(): void {
    void this.store?.retry()
    // The button goes; focus stays in the element.
    this.#message.focus()
  }

  /** Ends the running answer; what came of it stays. */
  stop(): void {
    this.store?.stop()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.hasUpdated) this.#show()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#unbind()
    // Moving an element disconnects it, too; only one that stays away has nobody left to read it.
    queueMicrotask(() => {
      if (!this.isConnected) this.#own?.stop()
    })
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('src') || changed.has('model')) this.#renewOwn()
    const given = changed.has('stream') && this.stream
    const emptied = changed.has('prompt') && !this.prompt
    if (given || emptied) this.#own?.stop()
    this.#asks ||= changed.has('src') || changed.has('model') || changed.has('prompt')
    if (this.isConnected) this.#show()
  }

  /** Shows the store, and asks what is to be asked: only on a page, where somebody reads it. */
  #show(): void {
    if (this.store !== this.#shown) this.#bind()
    const asks = this.#asks && !this.stream && this.prompt
    this.#asks = false
    if (asks) void this.#own?.send(asks)
  }

  #renewOwn(): void {
    this.#own?.stop()
    this.#own = this.src ? createStream({ url: this.src, model: this.model ?? undefined }) : undefined
  }

  get #words(): StreamOutputLabels {
    return { ...LABELS, ...this.labels }
  }

  #bind(): void {
    this.#unbind()
    const view = (this.#view ??= createMessageView(this.#message, () => this.#words))
    const announcer = (this.#announcer ??= createAnnouncer(this.#region))
    const store = this.store
    this.#shown = store
    view.show(store?.$message.get())
    this.empty = !store?.$message.get()?.parts.length
    this.#setStatus(store?.$status.get() ?? 'idle')
    if (!store) return
    this.#undo = [
      store.onDelta((delta) => this.#apply(delta)),
      // Deltas append; only a message that is taken away empties the view.
      store.$message.listen((message) => {
        if (message) return
        view.show(undefined)
        this.empty = true
        announcer.reset()
      }),
      store.$status.listen((status) => this.#onStatus(status)),
    ]
  }

  #unbind(): void {
    for (const undo of this.#undo) undo()
    this.#undo = []
    this.#shown = undefined
  }

  #apply(delta: MessageDelta): void {
    this.#view?.apply(delta)
    if (delta.type !== 'text-delta' && delta.type !== 'refusal-delta') return
    this.#announcer?.push(this.empty ? `${this.#words.started}\n${delta.delta}` : delta.delta)
    this.empty = false
  }

  #setStatus(status: StreamStatus): void {
    this.#internals?.states?.delete(this.status)
    this.#internals?.states?.add(status)
    this.status = status
    this.#message.ariaBusy = String(RUNNING.has(status))
  }

  #onStatus(status: StreamStatus): void {
    const previous = this.status
    const store = this.store
    this.#setStatus(status)
    if (!RUNNING.has(status)) {
      this.#view?.end()
      // An error is said by its own alert.
      const { stopped, cutOff } = this.#words
      this.#announcer?.end(status === 'aborted' ? stopped : this.#cutOff ? cutOff : '')
    }
    this.dispatchEvent(new StreamStatusEvent(status, previous))
    const message = store?.$message.get()
    const error = store?.$error.get()
    if (status === 'done' && message) this.dispatchEvent(new StreamDoneEvent(message))
    if (status === 'error' && error) this.dispatchEvent(new StreamErrorEvent(error))
  }

  /** Why the provider ended a good answer before its end. */
  get #cutOff(): 'length' | 'content-filter' | undefined {
    const message = this.store?.$message.get()
    const reason = message?.finishReason
    const cut = reason === 'length' || reason === 'content-filter'
    return cut && message?.status === 'done' ? reason : undefined
  }

  protected override render(): TemplateResult {
    const { status } = this
    const waiting = RUNNING.has(status) && this.empty
    const error = status === 'error' ? this.store?.$error.get() : undefined
    const words = error && this.#words.describeError(error)
    const cutOff = status === 'done' ? this.#cutOff : undefined
    return html`
      ${this.#message}
      <div ?hidden=${!waiting}>
        <slot name="indicator"
          ><span part="indicator" aria-hidden="true"><i></i><i></i><i></i></span
        ></slot>
      </div>
      <p part="stopped" ?hidden=${status !== 'aborted'}><slot name="stopped">Stopped</slot></p>
      <p part="cut-off" ?hidden=${!cutOff}>
        <slot name="length" ?hidden=${cutOff !== 'length'}>Cut off: the length limit was reached</slot>
        <slot name="content-filter" ?hidden=${cutOff !== 'content-filter'}>Cut off by a content filter</slot>
      </p>
      <div part="error" ?hidden=${!error}>
        <div role="alert">
          <p part="error-text">${words}</p>
          <p part="error-detail">${error?.message}</p>
        </div>
        <button part="retry" type="button" @click=${this.retry}><slot name="retry">Try again</slot></button>
      </div>
      ${this.#region}
    `
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'stream-output': StreamOutput
  }
}
