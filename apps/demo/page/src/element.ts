/** The one element that `selector` finds; the page cannot work without it, so a missing one throws. */
export function element<E extends HTMLElement>(selector: string, type: new () => E): E {
  const found = document.querySelector(selector)
  if (found instanceof type) return found
  throw new Error(`The page has no ${type.name} ${selector}`)
}
