import { css } from 'lit'
import type { CSSResult } from 'lit'

export const styles: CSSResult = css`
  :host {
    display: block;
    color: var(--stream-color, inherit);
    font: var(--stream-font, inherit);
    line-height: var(--stream-line-height, 1.6);
    overflow-wrap: anywhere;
    --_muted: var(--stream-muted-color, color-mix(in srgb, currentColor 65%, transparent));
    --_rule: var(--stream-border-color, color-mix(in srgb, currentColor 20%, transparent));
    --_error: var(--stream-error-color, light-dark(#a3221a, #ff9d94));
  }

  :host([hidden]),
  [hidden] {
    display: none !important;
  }

  [part='message'] > * + * {
    margin-block-start: var(--stream-gap, 0.75em);
  }

  [part='message']:focus {
    outline: none;
  }

  .line {
    white-space: pre-wrap;
    unicode-bidi: plaintext;
    text-align: start;
  }

  [part='reasoning'],
  [part='tool'],
  [part='stopped'],
  [part='cut-off'],
  [part='error-detail'] {
    color: var(--_muted);
    font-size: 0.9em;
  }

  [part='reasoning-label'] {
    cursor: pointer;
    width: fit-content;
  }

  [part='reasoning-text'] {
    border-inline-start: 2px solid var(--_rule);
    margin-block-start: 0.4em;
    padding-inline-start: 0.9em;
  }

  [part='tool-name'],
  [part='tool-input'] {
    font-family: var(--stream-font-mono, ui-monospace, 'SF Mono', Menlo, Consolas, monospace);
    font-size: 0.95em;
  }

  [part='tool-input'] {
    display: block;
  }

  [part='indicator'] {
    display: inline-flex;
    gap: 0.3em;
    padding-block: 0.55em;
  }

  [part='indicator'] i {
    animation: pulse 1.2s ease-in-out infinite;
    background: currentColor;
    border-radius: 50%;
    block-size: 0.4em;
    inline-size: 0.4em;
    opacity: 0.25;
  }

  [part='indicator'] i:nth-child(2) {
    animation-delay: 0.15s;
  }

  [part='indicator'] i:nth-child(3) {
    animation-delay: 0.3s;
  }

  @keyframes pulse {
    40% {
      opacity: 0.9;
    }
  }

  [part='stopped'],
  [part='cut-off'] {
    margin: 0.75em 0 0;
  }

  [part='stopped']::before,
  [part='cut-off']::before {
    background: currentColor;
    block-size: 0.6em;
    border-radius: 1px;
    content: '';
    display: inline-block;
    inline-size: 0.6em;
    margin-inline-end: 0.5em;
  }

  [part='error'] {
    border: 1px solid color-mix(in srgb, var(--_error) 45%, transparent);
    border-inline-start-width: 3px;
    border-radius: var(--stream-radius, 6px);
    padding: 0.75em 1em;
  }

  [part='message']:not(:empty) ~ [part='error'] {
    margin-block-start: 1em;
  }

  [part='error'] p {
    margin: 0;
  }

  [part='error-text'] {
    color: var(--_error);
    font-weight: 600;
  }

  [part='retry'] {
    appearance: none;
    background: transparent;
    border: 1px solid currentColor;
    border-radius: var(--stream-radius, 6px);
    color: inherit;
    cursor: pointer;
    font: inherit;
    font-size: 0.95em;
    margin-block-start: 0.75em;
    padding: 0.3em 0.9em;
  }

  [part='retry']:hover {
    background: color-mix(in srgb, currentColor 8%, transparent);
  }

  [part='retry']:focus-visible,
  [part='reasoning-label']:focus-visible {
    outline: 2px solid var(--stream-focus-color, currentColor);
    outline-offset: 2px;
  }

  .announcer {
    block-size: 1px;
    clip-path: inset(50%);
    inline-size: 1px;
    overflow: hidden;
    position: absolute;
    white-space: nowrap;
  }

  @media (prefers-reduced-motion: reduce) {
    [part='indicator'] i {
      animation: none;
      opacity: 0.6;
    }
  }

  @media (forced-colors: active) {
    [part='indicator'] i,
    [part='stopped']::before,
    [part='cut-off']::before {
      background: CanvasText;
      forced-color-adjust: none;
    }
  }

  @media print {
    [part='indicator'],
    [part='retry'] {
      display: none;
    }
  }
`
