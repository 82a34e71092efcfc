/** The title of an HTML page, by which a person may know it; else `undefined`. */
export function pageTitle(html: string): string | undefined {
  return /<title[^>]*>([^<]{1,200})/i.exec(html)?.[1]?.replace(/\s+/g, ' ').trim()
}
